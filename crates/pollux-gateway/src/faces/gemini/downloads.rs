//! Bytes of a file: redirects are followed here, so that no key leaves in one.

use http::{HeaderMap, Method, StatusCode, header, request};
use pollux_pool::id::ModelName;
use pollux_translate::error::Status;

use super::{headers, target::Asked};
use crate::{
    app::Gateway,
    bindings,
    catalog::User,
    faces::respond::{self, Answered, Incoming},
    failure::Failure,
    models::LISTING,
    proxy::{
        self,
        call::{Call, Shape},
        commit::Answer,
    },
};

/// How many redirects are followed.
const MAX_HOPS: usize = 3;
/// The prefix under which the bytes themselves are.
const PREFIX: &str = "/download";

/// `GET /download/{version}/files/{id}:download`: where redirects lead to, asked directly.
pub(crate) async fn download(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body: _ } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    if head.method != Method::GET {
        return Err(Failure::wrong_method(&head.method, head.uri.path()));
    }
    let path = head.uri.path();
    let asked = Asked::at(&head, path.strip_prefix(PREFIX).unwrap_or(path).into())?;
    follow(&gateway, &user, &head, &asked).await
}

/// Fetches the bytes that are asked for, from wherever on the same host they are.
pub(super) async fn follow(
    gateway: &Gateway,
    user: &User,
    head: &request::Parts,
    asked: &Asked<'_>,
) -> Answered {
    let shared = gateway.shared();
    let owner = bindings::owner_of(shared, user.pool, asked.named.as_slice()).await?;
    let mut call = Call {
        method: Method::GET,
        path_and_query: asked.path_and_query.clone(),
        headers: upward(&head.headers),
        body: Vec::new().into(),
        model: ModelName::new(LISTING),
        shape: Shape::Download,
        owner,
        prefer: None,
    };
    for _ in 0..=MAX_HOPS {
        let mut sent = gateway.send(&call, user).await?;
        let Some(location) = moved_to(&sent.answer) else {
            return Ok(respond::passed(gateway, sent));
        };
        let catalog = shared.catalog.load();
        let path = headers::path_upstream(location, &catalog.settings.base_url);
        call.path_and_query = path.ok_or_else(leads_elsewhere)?;
        call.owner = Some(catalog.owner(user.pool, sent.settlement.key()));
        sent.settlement.pass_on();
    }
    Err(Failure::with_http(502, Status::Unavailable, "the upstream redirects without end"))
}

/// Where an answer sends the client.
fn moved_to(answer: &Answer) -> Option<&str> {
    let is_move = answer.status.is_redirection() && answer.status != StatusCode::NOT_MODIFIED;
    let location = answer.headers.get(header::LOCATION)?;
    is_move.then(|| location.to_str().unwrap_or_default())
}

fn leads_elsewhere() -> Failure {
    Failure::with_http(
        502,
        Status::Unavailable,
        "the upstream redirects to another host, where this server does not follow",
    )
}

/// Also which part of the file is wanted, and whether it has changed.
fn upward(from: &HeaderMap) -> HeaderMap {
    let mut headers = proxy::headers::upward(from);
    let conditions = [
        header::RANGE,
        header::IF_RANGE,
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
    ];
    for name in conditions {
        if let Some(value) = from.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    headers
}
