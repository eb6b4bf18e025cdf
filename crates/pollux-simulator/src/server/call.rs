//! A method of a model: read, checked, decided, answered.

use http::StatusCode;
use serde_json::Value;

use super::generate::{count, embed, embed_all, generate, named_file};
use super::owned;
use super::reply::{Form, Reply};
use super::{Credential, Shared};
use crate::answer::{Modality, Prompt, field, prompt_tokens};
use crate::models::{self, Method, Model};
use crate::refusal::{FieldViolation, Refusal, unknown_model};
use crate::state::{Ask, Verdict};
use crate::{Behaviour, Script, schema, strict};

/// What to do with the connection.
#[derive(Debug)]
pub(super) enum Conduct {
    /// Send a reply.
    Reply(Box<Reply>),
    /// Never answer.
    Silence,
    /// Close before the status line.
    Drop,
}

/// What was decided, for the log and for the connection.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) conduct: Conduct,
    pub(super) behaviour: &'static str,
    pub(super) project: Option<String>,
}

impl Decision {
    /// Refuses or answers for a reason that is nobody's behaviour.
    pub(super) fn of(reply: Reply, behaviour: &'static str) -> Self {
        Self { conduct: Conduct::Reply(Box::new(reply)), behaviour, project: None }
    }

    /// The status that will be sent; 0 for none.
    pub(super) fn status(&self) -> u16 {
        match &self.conduct {
            Conduct::Reply(reply) => reply.status.as_u16(),
            Conduct::Silence | Conduct::Drop => 0,
        }
    }
}

/// A call of a method, as it arrived.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) version: &'static str,
    pub(super) model: &'a str,
    pub(super) method: Method,
    pub(super) form: Form,
    pub(super) body: &'a [u8],
}

/// A call that could be served.
struct Served {
    model: &'static Model,
    request: Value,
    /// Read once, for the methods that generate.
    prompt: Option<Prompt>,
}

impl Call<'_> {
    /// Decides what to answer to a caller with a key.
    pub(super) fn decide(self, shared: &Shared, credential: &Credential) -> Decision {
        let script = shared.script();
        let form = self.form;
        let project = shared.state().project(&credential.key);
        let served = self.read(&script, &project);
        let tokens = served.as_ref().ok().and_then(|served| self.metered(served));
        let ask =
            Ask { key: &credential.key, model: Some(self.model), valid: served.is_ok(), tokens };
        let Verdict { behaviour, project: _, exhausted } =
            shared.state().decide(ask, shared.clock.now());
        if let Some(refusal) = Refusal::of_key(&behaviour, &credential.key, &project) {
            return Decision {
                project: Some(project),
                ..Decision::of(Reply::refusal(&refusal, form), behaviour.name())
            };
        }
        let (conduct, name) = match (served, exhausted) {
            (Err(refusal), _) => (reply(Reply::refusal(&refusal, form)), "rejected"),
            (Ok(_), Some(exhausted)) => {
                let refusal = Refusal::exhausted(&exhausted, self.model, &project);
                (reply(Reply::refusal(&refusal, form)), "exhausted")
            }
            (Ok(served), None)
                if let Some(refusal) =
                    owned::foreign(shared.state().owned(), &project, &served.request) =>
            {
                (reply(Reply::refusal(&refusal, form)), "rejected")
            }
            (Ok(served), None) => {
                (self.behave(served, &behaviour, (&script, &project)), behaviour.name())
            }
        };
        Decision { conduct, behaviour: name, project: Some(project) }
    }

    /// Reads and checks the request: shape, model, meaning, then what this model refuses.
    fn read(self, script: &Script, project: &str) -> Result<Served, Refusal> {
        let request: Value = serde_json::from_slice(self.body).map_err(|error| broken(&error))?;
        if script.strict {
            let violations = strict::check_shape(self.message(), &request);
            if !violations.is_empty() {
                return Err(Refusal::fields(violations));
            }
        }
        let model = models::find(self.model, self.version).filter(|model| model.has(self.method));
        let model = model
            .ok_or_else(|| unknown_model(self.model, self.version, Some(self.method.name())))?;
        let generates = matches!(self.method, Method::Generate | Method::Stream);
        if script.strict
            && let Some(refusal) = self.meaning(&request).or_else(|| beyond(model, &request))
        {
            return Err(refusal);
        }
        if script.strict
            && generates
            && let Some(broken) = strict::check_model(&request, model, (script, project))
        {
            return Err(Refusal::argument(broken));
        }
        let prompt = generates.then(|| Prompt::read(&request));
        Ok(Served { model, request, prompt })
    }

    fn message(self) -> &'static schema::Message {
        match self.method {
            Method::Generate | Method::Stream => &schema::GENERATE,
            Method::Count => &schema::COUNT,
            Method::Embed => &schema::EMBED,
            Method::BatchEmbed => &schema::BATCH_EMBED,
        }
    }

    fn meaning(self, request: &Value) -> Option<Refusal> {
        let broken = match self.method {
            Method::Generate | Method::Stream => strict::check_meaning(request),
            Method::Count => field(request, "generate_content_request").and_then(|inner| {
                let named = field(inner, "model").is_some();
                (!named).then(|| {
                    "* CountTokensRequest.generate_content_request.model: model is required.\n"
                        .to_owned()
                })
            }),
            Method::BatchEmbed => strict::check_batch(request),
            Method::Embed => None,
        };
        broken.map(Refusal::argument)
    }

    /// The tokens that count for a quota; counting is free.
    fn metered(self, served: &Served) -> Option<u64> {
        match (&served.prompt, self.method) {
            (_, Method::Count) => None,
            (Some(prompt), _) => Some(prompt.tokens()),
            (None, _) => {
                Some(prompt_tokens(&served.request).iter().map(|detail| detail.token_count).sum())
            }
        }
    }

    /// What a failing behaviour says of this call; absent for the others.
    fn failure(self, served: &Served, behaviour: &Behaviour) -> Option<Refusal> {
        if let Behaviour::ZeroLimit = behaviour {
            return Some(Refusal::zero_limit(self.model));
        }
        if let Behaviour::FileNotOwned = behaviour {
            return Some(Refusal::file_not_owned(&named_file(&served.request)));
        }
        Refusal::of_service(behaviour)
    }

    fn behave(
        self,
        served: Served,
        behaviour: &Behaviour,
        (script, project): (&Script, &str),
    ) -> Conduct {
        let form = self.form;
        if let Some(conduct) = unusual(behaviour) {
            return conduct;
        }
        if let Some(refusal) = self.failure(&served, behaviour) {
            return reply(Reply::refusal(&refusal, form));
        }
        let mut answer = match (served.prompt, self.method) {
            (Some(prompt), _) => generate(prompt, form, behaviour, (served.model, script, project)),
            (None, Method::Embed) => embed(&served.request),
            (None, Method::BatchEmbed) => embed_all(&served.request),
            (None, Method::Generate | Method::Stream | Method::Count) => count(&served.request),
        };
        if let Behaviour::Slow { first_byte, chunk } = behaviour {
            answer.first_byte = *first_byte;
            answer.pause = *chunk;
        }
        reply(answer)
    }
}

/// Refuses what the model cannot make.
fn beyond(model: &Model, request: &Value) -> Option<Refusal> {
    let able = match Modality::asked(request) {
        Some(Modality::Image) => model.draws(),
        Some(Modality::Audio) => model.speaks(),
        None => true,
    };
    let refusal = "Model does not support the requested response modalities.";
    (!able).then(|| Refusal::argument(refusal))
}

/// What a behaviour does that looks at no request; absent for the others.
pub(super) fn unusual(behaviour: &Behaviour) -> Option<Conduct> {
    if let Behaviour::Replay(recording) = behaviour {
        return Some(reply(Reply::recorded(recording)));
    }
    if let Behaviour::Html502 = behaviour {
        return Some(reply(Reply::html(StatusCode::BAD_GATEWAY, BAD_GATEWAY)));
    }
    if let Behaviour::Cut { after: None } = behaviour {
        return Some(Conduct::Drop);
    }
    matches!(behaviour, Behaviour::Silent).then_some(Conduct::Silence)
}

pub(super) fn reply(reply: Reply) -> Conduct {
    Conduct::Reply(Box::new(reply))
}

fn broken(error: &serde_json::Error) -> Refusal {
    let description = format!("Invalid JSON payload received. {error}");
    Refusal::fields(vec![FieldViolation { field: None, description }])
}

const BAD_GATEWAY: &str = "<!DOCTYPE html>\n<html lang=en><title>Error 502 (Server Error)</title>\n\
    <p>The server is not able to answer now. Try again in 30 seconds.</p></html>\n";
