//! The models list in Anthropic's shape.

use serde::Serialize;

use crate::text::json;

pub use crate::model::ModelEntry;

#[derive(Serialize)]
struct Page<'a> {
    data: Vec<Model<'a>>,
    has_more: bool,
    first_id: Option<&'a str>,
    last_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Model<'a> {
    r#type: &'static str,
    id: &'a str,
    display_name: &'a str,
    created_at: String,
}

/// Writes the whole list as one page.
pub fn list<'a>(models: impl Iterator<Item = ModelEntry<'a>>) -> Vec<u8> {
    let data: Vec<_> = models.map(model).collect();
    let first_id = data.first().map(|model| model.id);
    let last_id = data.last().map(|model| model.id);
    json(&Page { data, has_more: false, first_id, last_id })
}

/// Writes one model.
pub fn one(entry: ModelEntry<'_>) -> Vec<u8> {
    json(&model(entry))
}

fn model(entry: ModelEntry<'_>) -> Model<'_> {
    let ModelEntry { id, display_name, created } = entry;
    let display_name = display_name.unwrap_or(id);
    Model { r#type: "model", id, display_name, created_at: rfc3339(created) }
}

/// Writes Unix seconds as UTC; a time outside the years 0 to 9999 counts as the epoch.
fn rfc3339(unix: i64) -> String {
    const YEAR_0: i64 = -62_167_219_200;
    const YEAR_10000: i64 = 253_402_300_800;
    let unix = if (YEAR_0..YEAR_10000).contains(&unix) { unix } else { 0 };
    let (days, second) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Turns days since 1970-01-01 into year, month and day of the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted from 0000-03-01, so that the leap day is the last of its year.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_its_first_and_last_model() {
        let entry = |id| ModelEntry { id, display_name: None, created: 0 };
        let encoded = list([entry("a"), entry("b")].into_iter());
        let want = concat!(
            r#"{"data":[{"type":"model","id":"a","display_name":"a","#,
            r#""created_at":"1970-01-01T00:00:00Z"},{"type":"model","id":"b","#,
            r#""display_name":"b","created_at":"1970-01-01T00:00:00Z"}],"#,
            r#""has_more":false,"first_id":"a","last_id":"b"}"#,
        );
        assert_eq!(String::from_utf8(encoded).unwrap(), want);
        let empty = list(std::iter::empty());
        assert!(String::from_utf8(empty).unwrap().contains(r#""first_id":null"#));
    }

    #[test]
    fn times_are_written_in_utc() {
        for (unix, want) in [
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (i64::MAX, "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(unix), want);
        }
    }
}
