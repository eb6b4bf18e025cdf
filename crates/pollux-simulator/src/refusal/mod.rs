//! Google's refusals: the envelope and every text this crate can say.

mod about_key;
mod about_quota;
mod about_request;
mod about_service;

use serde::ser::{Serialize, Serializer};

pub(crate) use self::about_key::unknown_caller;
pub(crate) use self::about_request::{
    FieldViolation, not_owned, precondition, redirect, unknown_model,
};
use crate::json;

/// An error of Google's APIs.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Refusal {
    error: Body,
}

#[derive(Debug, serde::Serialize)]
struct Body {
    code: u16,
    message: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail>,
}

impl Refusal {
    fn new(code: u16, status: &'static str, message: impl Into<String>) -> Self {
        Self { error: Body { code, message: message.into(), status, details: Vec::new() } }
    }

    fn with(mut self, detail: Detail) -> Self {
        self.error.details.push(detail);
        self
    }

    /// Adds the message again, as the text for people.
    fn localized(self) -> Self {
        let message = self.error.message.clone();
        self.with(Detail::LocalizedMessage { locale: "en-US", message })
    }

    /// The HTTP status.
    pub(crate) fn code(&self) -> u16 {
        self.error.code
    }

    /// The body of a refused request.
    pub(crate) fn whole(&self) -> Vec<u8> {
        json::pretty(self)
    }

    /// The body of a refused stream that is an array.
    pub(crate) fn in_array(&self) -> Vec<u8> {
        let mut body = vec![b'['];
        body.append(&mut json::pretty(self));
        body.push(b']');
        body
    }
}

/// One member of an error's `details`.
#[derive(Debug, serde::Serialize)]
#[serde(tag = "@type")]
enum Detail {
    #[serde(rename = "type.googleapis.com/google.rpc.ErrorInfo")]
    ErrorInfo {
        reason: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        domain: Option<&'static str>,
        metadata: Pairs,
    },
    #[serde(rename = "type.googleapis.com/google.rpc.LocalizedMessage")]
    LocalizedMessage { locale: &'static str, message: String },
    #[serde(rename = "type.googleapis.com/google.rpc.BadRequest", rename_all = "camelCase")]
    BadRequest { field_violations: Vec<FieldViolation> },
    #[serde(rename = "type.googleapis.com/google.rpc.Help")]
    Help { links: Vec<Link> },
    #[serde(rename = "type.googleapis.com/google.rpc.QuotaFailure")]
    QuotaFailure { violations: Vec<about_quota::QuotaViolation> },
    #[serde(rename = "type.googleapis.com/google.rpc.RetryInfo", rename_all = "camelCase")]
    RetryInfo { retry_delay: String },
}

#[derive(Debug, serde::Serialize)]
struct Link {
    description: &'static str,
    url: String,
}

/// A JSON object that keeps its order.
#[derive(Debug)]
struct Pairs(Vec<(&'static str, String)>);

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
