//! Resources that belong to the project that made them: who they are bound to, and until when.

use http::Method;
use pollux_pool::{id::PoolId, lease::Owner};
use pollux_translate::gemini::{
    path,
    reference::{self, ResourceName},
};

use super::target::Asked;
use crate::{
    app::Gateway,
    bindings,
    proxy::{commit::AnswerBody, send::Sent},
};

/// What an answer showed about resources.
#[derive(Debug)]
pub(super) struct Learned {
    owner: Owner,
    made: Vec<ResourceName>,
    gone: Option<ResourceName>,
}

impl Learned {
    /// Takes it that the key behind an answer owns `made`, and that `gone` is no more.
    pub(super) fn new(
        gateway: &Gateway,
        pool: PoolId,
        sent: &Sent,
        made: Vec<ResourceName>,
        gone: Option<ResourceName>,
    ) -> Self {
        let owner = gateway.shared().catalog.load().owner(pool, sent.settlement.key());
        Self { owner, made, gone }
    }

    /// Reads an answer; `None` when there is nothing to learn from it.
    pub(super) fn from(
        gateway: &Gateway,
        pool: PoolId,
        asked: &Asked<'_>,
        sent: &Sent,
    ) -> Option<Self> {
        if !may_name(asked) || !sent.answer.status.is_success() {
            return None;
        }
        if *asked.method == Method::DELETE {
            let gone = asked.named.clone().filter(|_| asked.is_whole_resource());
            return Some(Self::new(gateway, pool, sent, Vec::new(), gone));
        }
        let mut made = named(&sent.answer.body);
        made.extend(id_made(asked, &sent.answer.body));
        // That a key could answer for a resource shows whose it is, also when it was made elsewhere.
        made.extend(asked.named.clone());
        Some(Self::new(gateway, pool, sent, made, None))
    }

    /// Writes it down, which has to be done before the client learns of it.
    pub(super) async fn keep(self, gateway: &Gateway, pool: PoolId) {
        bindings::bind(gateway.shared(), pool, &self.owner, &self.made).await;
        if let Some(gone) = &self.gone {
            bindings::unbind(gateway.shared(), pool, gone).await;
        }
    }
}

/// Every resource that an answer names.
pub(super) fn named(body: &AnswerBody) -> Vec<ResourceName> {
    match body {
        AnswerBody::Whole { body, .. } => reference::in_answer(body),
        AnswerBody::Stream(opened) => {
            opened.events.iter().flat_map(|event| reference::in_answer(event)).collect()
        }
        AnswerBody::Bytes(_) => Vec::new(),
    }
}

fn id_made(asked: &Asked<'_>, body: &AnswerBody) -> Option<ResourceName> {
    let creates = *asked.method == Method::POST && asked.target.resource.is_none();
    match body {
        AnswerBody::Whole { body, .. } if creates => {
            reference::made_in(&asked.target.collection, body)
        }
        AnswerBody::Whole { .. } | AnswerBody::Stream(_) | AnswerBody::Bytes(_) => None,
    }
}

/// Whether an answer could name anything: those of models do only where something is begun.
fn may_name(asked: &Asked<'_>) -> bool {
    match asked.target.call() {
        Some(path::Method::Other) => true,
        None => asked.named.is_some() || asked.target.collection != "models",
        Some(
            path::Method::GenerateContent
            | path::Method::StreamGenerateContent
            | path::Method::CountTokens
            | path::Method::EmbedContent
            | path::Method::BatchEmbedContents,
        ) => false,
    }
}
