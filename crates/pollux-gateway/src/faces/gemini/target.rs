//! What a native request asks for, as far as it decides where the request goes.

use std::borrow::Cow;

use http::{Method, request};
use pollux_pool::id::ModelName;
use pollux_translate::gemini::{
    interaction,
    path::{self, Target},
    reference::{self, ResourceName},
};

use crate::{auth, failure::Failure, models::LISTING, proxy::call::Shape};

/// A native request, less its body.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a Method,
    pub(super) target: Target<'a>,
    /// The owned resource that the path leads to.
    pub(super) named: Option<ResourceName>,
    /// Without credentials.
    pub(super) query: String,
    /// As the client wrote it, without credentials.
    pub(super) path_and_query: String,
}

impl<'a> Asked<'a> {
    /// Reads a request's head.
    ///
    /// # Errors
    /// 400 when the path leads nowhere.
    pub(super) fn read(head: &'a request::Parts) -> Result<Self, Failure> {
        Self::at(head, Cow::Borrowed(head.uri.path()))
    }

    /// Reads a request whose resource is at `path`: the request's own path, or the part of it
    /// that names a resource.
    ///
    /// # Errors
    /// 400 when the path leads nowhere.
    pub(super) fn at(head: &'a request::Parts, path: Cow<'a, str>) -> Result<Self, Failure> {
        let target = match path {
            Cow::Borrowed(path) => Target::parse(path)?,
            Cow::Owned(path) => Target::parse(&path)?.into_owned(),
        };
        let query = auth::query_without_credentials(&head.uri);
        let path = head.uri.path();
        let path_and_query =
            if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        let named = reference::of_path(&target);
        Ok(Self { method: &head.method, target, named, query, path_and_query })
    }

    /// The model that a method is called on.
    pub(super) fn model_name(&self) -> Option<&str> {
        let of_models = self.target.collection == "models" && self.target.method.is_some();
        self.target.resource.as_deref().filter(|_| of_models)
    }

    /// Asks another model instead; nothing changes when it is the same one.
    pub(super) fn ask_instead(&mut self, model: &str) {
        let Target { version, resource, method, .. } = &mut self.target;
        if resource.as_deref() == Some(model) || path::check_model(model).is_err() {
            return;
        }
        let path = path::call(version, model, method.as_deref().unwrap_or_default());
        let query = if self.query.is_empty() { "" } else { "?" };
        self.path_and_query = [path.as_str(), query, &self.query].concat();
        *resource = Some(Cow::Owned(model.to_owned()));
    }

    /// Asks for an answer that comes at once, instead of in pieces.
    pub(super) fn ask_whole(&mut self) {
        let is_framing = |pair: &&str| matches!(*pair, "alt=sse" | "$alt=sse");
        let query: Vec<&str> = self.query.split('&').filter(|pair| !is_framing(pair)).collect();
        let query = query.join("&");
        let path = self.path_and_query.split('?').next().unwrap_or_default();
        let path = match path.strip_suffix("streamGenerateContent") {
            Some(resource) => format!("{resource}generateContent"),
            None => path.to_owned(),
        };
        let mark = if query.is_empty() { "" } else { "?" };
        self.path_and_query = [path.as_str(), mark, &query].concat();
        self.query = query;
    }

    /// Every owned resource that the request names.
    pub(super) fn names(&self, body: &[u8]) -> Vec<ResourceName> {
        let mut names = reference::in_request(body);
        names.extend(self.named.clone());
        names
    }

    /// Whether it asks for the members of an owned collection, which lie with all who made some.
    pub(super) fn is_list(&self) -> bool {
        self.method == Method::GET
            && self.target.resource.is_none()
            && self.target.method.is_none()
            && reference::COLLECTIONS.contains(&self.target.collection.as_ref())
    }

    /// Whether a model is to generate something.
    pub(super) fn generates(&self) -> bool {
        matches!(
            self.target.call(),
            Some(path::Method::GenerateContent | path::Method::StreamGenerateContent)
        )
    }

    /// Whether it asks which models there are.
    pub(super) fn is_list_of_models(&self) -> bool {
        let Target { collection, resource, method, .. } = &self.target;
        self.method == Method::GET
            && collection == "models"
            && resource.is_none()
            && method.is_none()
    }

    /// Whether it asks for bytes instead of a document.
    pub(super) fn is_download(&self) -> bool {
        let has_name = self.target.resource.is_some() && self.target.collection != "models";
        let is_media =
            self.target.method.as_deref() == Some("download") || self.has("alt", "media");
        self.method == Method::GET && has_name && is_media
    }

    /// Whether the path names a resource itself and nothing below it.
    pub(super) fn is_whole_resource(&self) -> bool {
        let Some(resource) = self.target.resource.as_deref() else { return false };
        let below = self.target.collection == "models";
        self.target.method.is_none() && (below || !resource.contains('/'))
    }

    /// What the answer will look like.
    pub(super) fn shape(&self, body: &[u8]) -> Shape {
        if self.target.collection == "interactions" {
            let is_asked = || interaction::Asked::parse(body).is_streaming();
            let events = self.has("stream", "true") || *self.method == Method::POST && is_asked();
            return if events { Shape::InteractionEvents } else { Shape::Interaction };
        }
        match self.target.call() {
            Some(path::Method::GenerateContent | path::Method::StreamGenerateContent)
                if self.has("alt", "sse") || self.has("$alt", "sse") =>
            {
                Shape::Events
            }
            Some(path::Method::GenerateContent) => Shape::Whole,
            Some(path::Method::StreamGenerateContent) => Shape::Array,
            Some(
                path::Method::CountTokens
                | path::Method::EmbedContent
                | path::Method::BatchEmbedContents
                | path::Method::Other,
            )
            | None => Shape::Document,
        }
    }

    /// The model whose quota is used; lists and resources use none.
    ///
    /// # Errors
    /// 400 when the path names what is no model.
    pub(super) fn model(&self, body: &[u8]) -> Result<ModelName, Failure> {
        let is_model = match self.target.collection.as_ref() {
            "models" | "dynamic" => true,
            "tunedModels" => self.target.method.is_some(),
            _ => false,
        };
        let is_operation =
            self.named.as_ref().is_some_and(|name| name.collection() == "operations");
        match &self.target.resource {
            Some(name) if is_model && !is_operation => {
                path::check_model(name)?;
                Ok(ModelName::new(name))
            }
            // What is made for a model is made with a key that can still use it.
            None if *self.method == Method::POST => {
                let asked = interaction::Asked::parse(body);
                let model = asked.model().filter(|model| path::check_model(model).is_ok());
                Ok(ModelName::new(model.unwrap_or(LISTING)))
            }
            Some(_) | None => Ok(ModelName::new(LISTING)),
        }
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.query.split('&').any(|pair| pair.split_once('=') == Some((name, value)))
    }
}
