//! The native face: Gemini's own bytes in both directions.
//!
//! Only what says where a request must go is read: the path, and which resources path and body
//! name. Unknown methods, fields and query parameters pass through.

mod downloads;
mod headers;
mod lists;
mod owned;
mod target;
mod uploads;

use bytes::Bytes;

use crate::{
    app::Gateway,
    bindings,
    faces::respond::{self, Answered, Incoming},
    models::{self, names},
    proxy::{
        call::{Call, Shape},
        whole::framed,
    },
};

use self::{owned::Learned, target::Asked};

pub(crate) use self::{
    downloads::download,
    uploads::{UPLOAD_HEADERS, upload},
};

/// Collections that any key can serve, but for what belongs to somebody inside them.
pub(crate) const PASSED: &[&str] = &["models", "dynamic"];

/// Any call on a model or on a resource, and any list.
pub(crate) async fn pass(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let mut asked = Asked::read(&head)?;
    if let Some(name) = asked.model_name() {
        let name = names::resolve(&gateway, &user, name).await?.into_owned();
        asked.ask_instead(&name);
    }
    if asked.is_list() {
        return lists::list(&gateway, &user, &head, &asked).await;
    }
    if asked.is_download() {
        return downloads::follow(&gateway, &user, &head, &asked).await;
    }
    let body = gateway.body(body).await?;
    let owner = bindings::owner_of(gateway.shared(), user.pool, &asked.names(&body)).await?;
    let shape = asked.shape(&body);
    let treatment = gateway.treatment(&user);
    let from_whole = treatment.streams.from_whole;
    let whole = Some(shape).filter(|shape| from_whole && shape.is_generated_in_pieces());
    let safety = asked.generates().then(|| treatment.safety.complete(&body)).flatten();
    let body = safety.map_or(body, Bytes::from);
    if whole.is_some() {
        asked.ask_whole();
    }
    let call = Call {
        model: asked.model(&body)?,
        shape: if whole.is_some() { Shape::Whole } else { shape },
        headers: crate::proxy::headers::upward(&head.headers),
        method: head.method.clone(),
        path_and_query: asked.path_and_query.clone(),
        body: body.into(),
        owner,
        prefer: None,
    };
    let mut sent = gateway.send(&call, &user).await?;
    if asked.is_list_of_models() {
        models::only_allowed(&gateway, &user, &mut sent);
    }
    if let Some(learned) = Learned::from(&gateway, user.pool, &asked, &sent) {
        learned.keep(&gateway, user.pool).await;
    }
    let sent = match whole {
        Some(shape) => framed(sent, shape),
        None => sent,
    };
    Ok(respond::passed(&gateway, sent))
}
