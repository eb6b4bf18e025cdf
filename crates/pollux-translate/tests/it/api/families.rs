//! The page's table of families is the program's; `POLLUX_UPDATE=1` writes it anew.

use std::fmt::Write as _;
use std::fs;

use pollux_translate::gemini::family::Family;
use pollux_translate::gemini::thinking::Level;
use serde::Deserialize;
use serde_json::Value;

use super::page;

#[derive(Deserialize)]
struct Table {
    families: Vec<Value>,
}

fn thinking(family: &Family) -> String {
    if let Some(budget) = family.budget {
        let off = if budget.off { ", 0 for none" } else { "" };
        return format!("{} to {} tokens{off}", budget.min, budget.max);
    }
    let levels: Vec<&str> = family.levels.iter().map(|level: &Level| level.as_str()).collect();
    if levels.is_empty() { "none".to_owned() } else { levels.join(", ") }
}

fn table() -> String {
    let rows: Table =
        serde_json::from_str(include_str!("../../../src/gemini/families.json")).unwrap();
    let mut table = String::from(
        "| models | thinking | images | `n` in one call | penalties | log probabilities | \
         JSON Schema | Google's tools beside functions | JSON beside functions | \
         goes on with its own turn | media in results | signs calls |\n",
    );
    table.push_str(&"| --- ".repeat(12));
    table.push_str("|\n");
    for row in rows.families {
        let family: Family = serde_json::from_str(&row.to_string()).unwrap();
        let name = row["match"].as_str().unwrap();
        let from = row["from"].as_u64().map(|from| format!(" from {from}")).unwrap_or_default();
        let said = [
            family.images,
            family.candidates,
            family.penalties,
            family.logprobs,
            family.json_schema,
            family.mixes_tools,
            family.mixes_json,
            family.prefills,
            family.result_media,
            family.signs,
        ];
        let said: Vec<&str> = said.iter().map(|yes| if *yes { "yes" } else { "no" }).collect();
        let (thinking, said) = (thinking(&family), said.join(" | "));
        writeln!(table, "| `{name}`{from} | {thinking} | {said} |").unwrap();
    }
    table
}

#[test]
fn the_page_has_the_families_as_they_are() {
    let page = page::read();
    let want = page.replace(
        &format!("<!-- families -->\n{}", page::between(&page, "families")),
        &format!("<!-- families -->\n{}", table()),
    );
    if std::env::var_os("POLLUX_UPDATE").is_some_and(|value| value == "1") {
        fs::write(page::path(), want).unwrap();
        return;
    }
    for (line, wanted) in page.lines().zip(want.lines()) {
        assert_eq!(line, wanted, "POLLUX_UPDATE=1 writes the table anew");
    }
    assert_eq!(page.lines().count(), want.lines().count());
}
