//! Durations as Google writes them: `34.07s`, `900ms`, `1h2m3s`.

use std::time::Duration;

/// Reads a duration; `None` for anything else, negative ones included.
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let seconds = number.parse::<f64>().ok()? * seconds_per(unit)?;
        total = total.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        rest = next;
    }
    Some(total)
}

fn seconds_per(unit: &str) -> Option<f64> {
    match unit {
        "h" => Some(3600.0),
        "m" => Some(60.0),
        "s" => Some(1.0),
        "ms" => Some(1e-3),
        "us" => Some(1e-6),
        "ns" => Some(1e-9),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, millis: Option<u64>) {
        assert_eq!(parse(text), millis.map(Duration::from_millis));
    }

    #[test]
    fn the_forms_google_writes_are_read() {
        check("48s", Some(48_000));
        check("34.07s", Some(34_070));
        check("900ms", Some(900));
        check("1h2m3s", Some(3_723_000));
        check("0s", Some(0));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "5", "s", "-3s", "1.2.3s", "soon", "99999999999999999999999s", "1d"] {
            check(text, None);
        }
    }
}
