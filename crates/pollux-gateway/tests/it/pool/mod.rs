//! Quotas, projects and waiting, proven by what reaches Gemini.

mod affinity;
mod conservation;
mod days;
mod meters;
mod tiers;
mod turns;

use pollux_testkit::{App, Face, Whole};

async fn ask(app: &App) -> Whole {
    Face::Chat.ask(app, "say: hello").whole().await
}

/// Asks once: the answer's status, its `Retry-After`, and how many calls reached Gemini for it.
async fn count(app: &App) -> (u16, String, usize) {
    app.gemini().clear();
    let answer = ask(app).await;
    (answer.status, answer.header("retry-after").to_owned(), app.calls().len())
}
