//! Texts to values: each reader says what it allows when a text is none of that.

use std::{fmt, time::Duration};

use http::Uri;
use pollux_gateway::key_text;
use pollux_store::{cipher::MasterKey, password, secret::Secret};
use pollux_translate::gemini::{path, thinking::Effort};

/// What a setting allows, for the error about a text that is something else.
pub(super) type Allowed = String;

/// Anything with a `FromStr`, described by `allowed`.
pub(super) fn parse<T: std::str::FromStr>(text: &str, allowed: &str) -> Result<T, Allowed> {
    text.trim().parse().map_err(|_| allowed.to_owned())
}

/// The name of a model.
pub(super) fn model(text: &str) -> Result<String, Allowed> {
    let name = text.trim();
    path::check_model(name).map_err(|_| "the name of a model".to_owned())?;
    Ok(name.to_owned())
}

/// Models by commas, whose names may hold `*`.
pub(super) fn models(text: &str) -> Result<Vec<String>, Allowed> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let names = names.map(|name| name.strip_prefix("models/").unwrap_or(name));
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.*/@:".contains(c);
    names
        .map(|name| Some(name.to_owned()).filter(|name| name.chars().all(is_name)))
        .map(|name| {
            name.ok_or("names of models by commas, as gemini-3*,gemini-2.5-flash".to_owned())
        })
        .collect()
}

/// Names and what they stand for, as `name=model,name=model`.
pub(super) fn aliases(text: &str) -> Result<Vec<(String, String)>, Allowed> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, target) = pair.split_once('=').unwrap_or((pair, ""));
            let target = model(target).map_err(|allowed| format!("name=model, with {allowed}"))?;
            Ok((name.trim().to_owned(), target))
        })
        .collect()
}

/// How much a model is to think.
pub(super) fn effort(text: &str) -> Result<Effort, Allowed> {
    let allowed = "off, dynamic, minimal, low, medium, high, xhigh, max or a number of tokens";
    Effort::parse(text).ok_or_else(|| allowed.to_owned())
}

/// The same for models by name, as `name=effort,name=effort`.
pub(super) fn efforts(text: &str) -> Result<Vec<(String, Effort)>, Allowed> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (model, wanted) = pair.split_once('=').unwrap_or((pair, ""));
            let named = |allowed| format!("model=effort, where effort is {allowed}");
            Ok((model.trim().to_owned(), effort(wanted).map_err(named)?))
        })
        .collect()
}

/// Yes or no.
pub(super) fn flag(text: &str) -> Result<bool, Allowed> {
    parse(text, "true or false")
}

/// Any number of things, by commas, spaces or lines; each error says what one of them may be.
pub(super) fn list<T>(text: &str) -> Result<Vec<T>, Allowed>
where
    T: std::str::FromStr,
    T::Err: fmt::Display,
{
    let entries = text.split(|c: char| c == ',' || c.is_whitespace());
    let entries = entries.filter(|entry| !entry.is_empty());
    entries.map(|entry| entry.parse().map_err(|error: T::Err| error.to_string())).collect()
}

/// A whole number within a range.
pub(super) fn number<T>(text: &str, least: T, most: T) -> Result<T, Allowed>
where
    T: Copy + std::str::FromStr + PartialOrd + fmt::Display,
{
    match text.trim().parse::<T>() {
        Ok(number) if number >= least && number <= most => Ok(number),
        Ok(_) | Err(_) => Err(format!("a number from {least} to {most}")),
    }
}

/// `1.5s`, `250ms`, `2m`, `1h`, `7d`, or plain seconds.
pub(super) fn duration(text: &str) -> Result<Duration, Allowed> {
    let allowed = || "a duration such as 250ms, 30s, 2m, 1h or 7d".to_owned();
    let (number, unit) = split_unit(text);
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return Err(allowed()),
    };
    let number: f64 = number.parse().map_err(|_| allowed())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| allowed())
}

/// A duration of 10 s at most: the connections on both sides stay open meanwhile.
pub(super) fn pause(text: &str) -> Result<Duration, Allowed> {
    let allowed = || "a duration such as 20ms, of 10s at most".to_owned();
    duration(text).ok().filter(|pause| *pause <= Duration::from_secs(10)).ok_or_else(allowed)
}

/// `100MiB`, `64KiB`, `1GiB`, or plain bytes.
pub(super) fn bytes(text: &str) -> Result<usize, Allowed> {
    let allowed = || "a size such as 64KiB, 100MiB, 1GiB or a number of bytes".to_owned();
    let (number, unit) = split_unit(text);
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err(allowed()),
    };
    let number: usize = number.parse().map_err(|_| allowed())?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or_else(allowed)
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number.trim(), unit)
}

/// An http or https address of this server, with or without a path that it is mounted under.
pub(super) fn public_url(text: &str) -> Result<Uri, Allowed> {
    let allowed = "an address such as https://ai.example.com or https://example.com/pollux";
    base_url(text).map_err(|_| allowed.to_owned())
}

/// An http or https address; a version segment at its end is dropped, since calls bring their own.
pub(super) fn base_url(text: &str) -> Result<Uri, Allowed> {
    let allowed = || "an address such as https://generativelanguage.googleapis.com".to_owned();
    let text = text.trim().trim_end_matches('/');
    let text = ["/v1", "/v1beta", "/v1alpha"]
        .iter()
        .find_map(|version| text.strip_suffix(version))
        .unwrap_or(text);
    let uri: Uri = text.parse().map_err(|_| allowed())?;
    let plain = uri.query().is_none()
        && !text.contains('#')
        && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    if matches!(uri.scheme_str(), Some("http" | "https")) && plain {
        return Ok(uri);
    }
    Err(allowed())
}

/// `key1:10,key2,key3:5`: keys, each with an optional weight, by commas, spaces or lines.
pub(super) fn keys(text: &str) -> Result<Vec<(Secret, u32)>, Allowed> {
    let keys = key_text::keys(text);
    keys.map(|key| {
        let (key, weight) = key.map_err(|why| format!("keys as key1:10,key2: {why}"))?;
        Ok((key, weight.unwrap_or(1)))
    })
    .collect()
}

/// Visible ASCII; never judged by its prefix.
pub(super) fn secret(text: &str) -> Result<Secret, Allowed> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',') {
        return Ok(Secret::new(text));
    }
    Err("visible ASCII without spaces and commas".to_owned())
}

/// 32 bytes.
pub(super) fn master_key(text: &str) -> Result<MasterKey, Allowed> {
    MasterKey::from_text(text)
        .map_err(|_| "32 bytes, as 64 hexadecimal digits or base64".to_owned())
}

/// Less than this can be guessed.
const LEAST_ACCESS_KEY: usize = 8;

/// A secret that callers present; those that everyone knows are refused.
pub(super) fn access_key(text: &str) -> Result<Secret, Allowed> {
    let key = secret(text)?;
    if password::is_known_default(key.expose()) {
        let why = "8 or more visible ASCII characters that are no product's default; this one is \
                   another gateway's, so that everyone knows it";
        return Err(why.to_owned());
    }
    if key.expose().len() < LEAST_ACCESS_KEY {
        return Err(format!("{LEAST_ACCESS_KEY} or more visible ASCII characters"));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert!(duration("soon").is_err());
        assert!(duration("-1s").is_err());
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("100MiB"), Ok(100 << 20));
        assert_eq!(bytes("512"), Ok(512));
        assert!(bytes("0").is_err());
        assert!(bytes("much").is_err());
    }

    #[test]
    fn only_trailing_digits_are_a_weight() {
        let keys = keys("first-key:10, AQ.second:x\nthird-key").unwrap();
        let plain: Vec<_> = keys.iter().map(|(key, weight)| (key.expose(), *weight)).collect();
        assert_eq!(plain, [("first-key", 10), ("AQ.second:x", 1), ("third-key", 1)]);
    }

    #[test]
    fn an_access_key_that_everyone_knows_is_refused() {
        let defaults = ["ajielu", "gandalf", "admin-key", "admin-1", "admin-12", "7b18e5-x-458d"];
        for secret in defaults {
            let why = access_key(secret).unwrap_err();
            assert!(why.contains("everyone knows"), "{secret}: {why}");
        }
        assert_eq!(access_key("short").unwrap_err(), "8 or more visible ASCII characters");
        for secret in ["sk-my-own-words", "admin-13-of-mine", "7b18e5-and-more"] {
            assert!(access_key(secret).is_ok(), "{secret}");
        }
    }

    #[test]
    fn a_weight_of_nothing_is_refused() {
        assert!(keys("first-key:0").is_err());
    }

    #[test]
    fn a_base_url_needs_no_version() {
        assert_eq!(base_url("http://127.0.0.1:9/v1beta/").unwrap(), "http://127.0.0.1:9/");
        assert!(base_url("ftp://x").is_err());
        assert!(base_url("generativelanguage.googleapis.com").is_err());
    }
}
