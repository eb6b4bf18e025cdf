//! Refusals that concern the key or its project.

use super::{Detail, Link, Pairs, Refusal};
use crate::Behaviour;

pub(super) const SERVICE: &str = "generativelanguage.googleapis.com";
pub(super) const DOMAIN: Option<&str> = Some("googleapis.com");

/// How a behaviour that concerns the key is put, for a key and its project.
type Put = fn(key: &str, project: &str) -> Refusal;

const PUT: [(Behaviour, Put); 8] = [
    (Behaviour::Invalid, |_, _| bad_key("API key not valid. Please pass a valid API key.")),
    (Behaviour::Expired, |_, _| bad_key("API key expired. Please renew the API key.")),
    (Behaviour::Suspended, suspended),
    (Behaviour::Leaked, |_, _| {
        denied("Your API key was reported as leaked. Please use another API key.")
    }),
    (Behaviour::Unauthenticated, |_, _| Refusal::unauthenticated()),
    (Behaviour::ServiceDisabled, |_, project| service_disabled(project)),
    (Behaviour::ProjectDenied, |_, _| {
        denied("Your project has been denied access. Please contact support.")
    }),
    (Behaviour::Location, |_, _| {
        let message = "User location is not supported for the API use.";
        Refusal::new(400, "FAILED_PRECONDITION", message)
    }),
];

impl Refusal {
    /// What a behaviour that concerns the key says; absent for the others.
    pub(crate) fn of_key(behaviour: &Behaviour, key: &str, project: &str) -> Option<Self> {
        let (_, put) = PUT.iter().find(|(known, _)| known == behaviour)?;
        Some(put(key, project))
    }

    /// 401: a credential of another kind.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(
            401,
            "UNAUTHENTICATED",
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login \
             cookie or other valid authentication credential. See \
             https://developers.google.com/identity/sign-in/web/devconsole-project.",
        )
        .with(Detail::ErrorInfo {
            reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED",
            domain: None,
            metadata: Pairs(vec![
                (
                    "method",
                    "google.ai.generativelanguage.v1beta.GenerativeService.GenerateContent".into(),
                ),
                ("service", SERVICE.into()),
            ]),
        })
    }
}

/// 403: no key at all.
pub(crate) fn unknown_caller() -> Refusal {
    Refusal::new(
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). Please \
         use API Key or other form of API consumer identity to call this API.",
    )
}

fn denied(message: &str) -> Refusal {
    Refusal::new(403, "PERMISSION_DENIED", message)
}

fn bad_key(message: &str) -> Refusal {
    Refusal::new(400, "INVALID_ARGUMENT", message)
        .with(Detail::ErrorInfo {
            reason: "API_KEY_INVALID",
            domain: DOMAIN,
            metadata: Pairs(vec![("service", SERVICE.into())]),
        })
        .localized()
}

fn suspended(key: &str, project: &str) -> Refusal {
    let consumer = format!("api_key:{key}");
    let message = format!("Permission denied: Consumer '{consumer}' has been suspended.");
    Refusal::new(403, "PERMISSION_DENIED", message)
        .with(Detail::ErrorInfo {
            reason: "CONSUMER_SUSPENDED",
            domain: DOMAIN,
            metadata: Pairs(vec![
                ("consumer", format!("projects/{}", project_number(project))),
                ("containerInfo", consumer),
                ("service", SERVICE.into()),
            ]),
        })
        .localized()
}

fn service_disabled(project: &str) -> Refusal {
    let number = project_number(project);
    let url = format!(
        "https://console.developers.google.com/apis/api/{SERVICE}/overview?project={number}"
    );
    let message = format!(
        "Generative Language API has not been used in project {number} before or it is disabled. \
         Enable it by visiting {url} then retry. If you enabled this API recently, wait a few \
         minutes for the action to propagate to our systems and retry."
    );
    Refusal::new(403, "PERMISSION_DENIED", message)
        .with(Detail::ErrorInfo {
            reason: "SERVICE_DISABLED",
            domain: DOMAIN,
            metadata: Pairs(vec![
                ("activationUrl", url.clone()),
                ("consumer", format!("projects/{number}")),
                ("containerInfo", number.to_string()),
                ("service", SERVICE.into()),
                ("serviceTitle", "Generative Language API".into()),
            ]),
        })
        .localized()
        .with(Detail::Help {
            links: vec![Link { description: "Google developers console API activation", url }],
        })
}

/// The number of a project: its name when that is one, else twelve digits
/// made from the name.
pub(super) fn project_number(project: &str) -> u64 {
    project.parse().unwrap_or_else(|_| {
        100_000_000_000 + crate::answer::hash(project.as_bytes()) % 900_000_000_000
    })
}
