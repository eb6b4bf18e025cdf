//! What the edge proxy tells of itself under `/monitor`, of all pools; here to admins alone, and
//! without any key.

mod show;
mod text;

use pollux_translate::error::ApiError;
use serde::{Deserialize, Serialize};

use self::show::Seen;
use super::Table;
use crate::{
    admin::{Admin, read},
    faces::respond::{Answered, Incoming, written},
};

pub(super) fn rows(table: Table) -> Table {
    table
        .reads("/monitor/health", health)
        .reads("/monitor/metrics", metrics)
        .reads("/monitor/keys", keys)
        .reads("/monitor/streams", streams)
        .reads("/monitor/errors", errors)
        .reads("/monitor/performance", performance)
        .reads("/monitor/full", full)
}

/// An error, as it is told under `/monitor`.
pub(super) fn error(error: &ApiError) -> Answered {
    #[derive(Serialize)]
    struct Told<'a> {
        error: Message<'a>,
    }
    #[derive(Serialize)]
    struct Message<'a> {
        message: &'a str,
    }
    written(&Told { error: Message { message: &error.message } })
}

async fn health(admin: Admin, _: Incoming) -> Answered {
    written(&Seen::of(&admin.gateway).await?.health())
}

#[derive(Deserialize)]
struct Wanted {
    format: Option<String>,
}

/// `GET /monitor/metrics`, in JSON or as Prometheus reads it.
async fn metrics(admin: Admin, incoming: Incoming) -> Answered {
    let Wanted { format } = read::query(&incoming.head.uri)?;
    let seen = Seen::of(&admin.gateway).await?;
    match format.as_deref() {
        None | Some("json" | "") => written(&seen.metrics()),
        Some("prometheus") => Ok(text::answer(&seen)),
        Some(_) => Err(read::refused("format", "`format` takes json or prometheus")),
    }
}

async fn keys(admin: Admin, _: Incoming) -> Answered {
    written(&Seen::of(&admin.gateway).await?.keys())
}

async fn streams(admin: Admin, _: Incoming) -> Answered {
    written(&Seen::of(&admin.gateway).await?.streams())
}

async fn errors(admin: Admin, _: Incoming) -> Answered {
    written(&Seen::of(&admin.gateway).await?.errors())
}

async fn performance(admin: Admin, _: Incoming) -> Answered {
    written(&Seen::of(&admin.gateway).await?.performance())
}

async fn full(admin: Admin, _: Incoming) -> Answered {
    written(&Seen::of(&admin.gateway).await?.full())
}
