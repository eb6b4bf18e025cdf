//! What a client asks of the pool beside its question: a tier, and to stay with a conversation's project.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use http::{HeaderMap, HeaderValue};
use pollux_pool::{
    id::UserId,
    lease::{Affinity, Ask, Tiers},
};
use pollux_translate::{
    error::Status,
    gemini::opening::{self, Opening},
};

use super::call::{Call, Shape};
use crate::failure::Failure;

/// Which tiers may serve a request: `any`, `free`, or `no-free-tier` (also `paid`).
const TIER: &str = "x-pollux-tier";
/// Where clients name the session that a request belongs to; the first that is there counts.
const SESSIONS: &[&str] = &[
    "x-pollux-session",
    "x-session-id",
    "x-claude-code-session-id",
    "session_id",
    "conversation_id",
];
/// A beginning of this length is worth going back for at once: Google caches it by itself.
const CACHED_BYTES: usize = 16 << 10;

/// What the headers of a request ask of the pool.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes {
    pub(super) tiers: Tiers,
    session: Option<u64>,
}

impl Wishes {
    /// Reads the headers.
    ///
    /// # Errors
    /// When the tier is none of those there are.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let tiers = match headers.get(TIER).map(HeaderValue::as_bytes) {
            None => Tiers::Any,
            Some(b"paid") => Tiers::NoFreeTier,
            Some(word) => String::from_utf8_lossy(word).parse().map_err(|error| {
                Failure::new(Status::InvalidArgument, format!("{TIER}: {error}"))
            })?,
        };
        let session = SESSIONS.iter().find_map(|name| headers.get(*name)).map(|name| {
            let mut hasher = DefaultHasher::new();
            name.as_bytes().hash(&mut hasher);
            hasher.finish()
        });
        Ok(Self { tiers, session })
    }
}

/// What one call asks of the pool, whichever key it goes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    tiers: Tiers,
    affinity: Option<Affinity>,
    input_tokens: u64,
}

impl Terms {
    pub(super) fn of(call: &Call, user: Option<UserId>, wishes: Wishes) -> Self {
        let body = call.body.bytes();
        let opening = match call.shape {
            Shape::Whole | Shape::Events | Shape::Array => opening::opening(body),
            Shape::Document | Shape::Interaction | Shape::InteractionEvents | Shape::Download => {
                None
            }
        };
        let session = wishes.session.map(|session| followed((session, user)));
        Self {
            tiers: wishes.tiers,
            affinity: session.or_else(|| opening.map(conversation)),
            input_tokens: opening::prompt_tokens(body),
        }
    }

    /// The terms as a question to the pool; the rest of it is for the caller.
    pub(super) fn ask<'a>(&self, call: &'a Call) -> Ask<'a> {
        Ask {
            owner: call.owner.as_ref(),
            prefer: call.prefer.as_ref(),
            affinity: self.affinity,
            tiers: self.tiers,
            input_tokens: self.input_tokens,
            stream: call.shape.is_stream(),
            ..Ask::of(&call.model)
        }
    }
}

/// Two users' sessions of one name are two sessions.
fn followed(session: (u64, Option<UserId>)) -> Affinity {
    let mut hasher = DefaultHasher::new();
    session.hash(&mut hasher);
    Affinity { hash: hasher.finish(), follow: true }
}

/// A first, short request only founds a conversation: it may be the same that everyone sends.
fn conversation(opening: Opening) -> Affinity {
    let follow = opening.contents > 1 || opening.bytes >= CACHED_BYTES;
    Affinity { hash: opening.hash, follow }
}
