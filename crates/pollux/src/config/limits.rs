//! Limits as settings write them: `gemini-2.5-flash=5rpm/250000tpm/100rpd,*=10rpm`.

use pollux_pool::{
    key::Tier,
    outcome::Window,
    quota::{Dimension, LimitRule, Unit},
};

use super::value::{self, Allowed};

/// Reads the limits of projects on a tier; of those for the same model the first that fits counts.
pub(super) fn read(text: &str, tier: Tier) -> Result<Vec<LimitRule>, Allowed> {
    let mut rules = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (model, limits) = entry.split_once('=').ok_or_else(|| allowed(entry))?;
        let model = model.trim();
        let start = model.strip_suffix('*').unwrap_or(model);
        if model != "*" && (start.contains('*') || value::model(start).is_err()) {
            return Err(allowed(entry));
        }
        for limit in limits.split('/') {
            let (value, dimension) = one(limit.trim()).ok_or_else(|| allowed(entry))?;
            rules.push(LimitRule { model: model.to_owned(), tier, dimension, value });
        }
    }
    Ok(rules)
}

fn one(limit: &str) -> Option<(u64, Dimension)> {
    let (number, unit) = limit.split_at(limit.find(|c: char| !c.is_ascii_digit())?);
    let dimension = match unit.trim().to_ascii_lowercase().as_str() {
        "rpm" => Dimension::RPM,
        "tpm" => Dimension::TPM,
        "rpd" => Dimension::RPD,
        "tpd" => Dimension { unit: Unit::InputTokens, window: Window::Day },
        _ => return None,
    };
    Some((number.parse().ok()?, dimension))
}

fn allowed(wrong: &str) -> Allowed {
    let form = "limits by model such as gemini-2.5-flash=5rpm/250000tpm/100rpd,*=10rpm, in rpm, tpm, \
                rpd or tpd (requests or tokens of prompts, per minute or day)";
    // What cannot be read helps nobody to find it.
    if wrong.contains(char::is_control) {
        return form.to_owned();
    }
    format!("{form}, which `{wrong}` is not")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let rules = read(text, Tier::Free).unwrap();
        rules.iter().map(|it| format!("{} {} {}", it.model, it.value, it.dimension)).collect()
    }

    #[test]
    fn each_limit_of_each_model_is_a_rule_in_order() {
        let rules = shown("gemini-2.5-flash = 5rpm/250000 TPM/100rpd, gemini-3*=7tpd,,*=0rpm");
        let want = [
            "gemini-2.5-flash 5 requests per minute",
            "gemini-2.5-flash 250000 input tokens per minute",
            "gemini-2.5-flash 100 requests per day",
            "gemini-3* 7 input tokens per day",
            "* 0 requests per minute",
        ];
        assert_eq!(rules, want);
        assert!(shown(" ").is_empty());
    }

    #[test]
    fn what_is_no_limit_is_named() {
        for wrong in [
            "flash",
            "=5rpm",
            "flash=",
            "flash=rpm",
            "flash=5",
            "flash=5rph",
            "fl*sh=5rpm",
            "flash=-5rpm",
            "../x=5rpm",
            "flash=5rpm/",
            "x=99999999999999999999rpm",
        ] {
            let error = read(&format!("*=1rpm,{wrong}"), Tier::Paid).unwrap_err();
            assert!(error.contains(&format!("`{wrong}` is not")), "{wrong}: {error}");
        }
    }
}
