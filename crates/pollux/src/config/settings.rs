//! Every setting, one row each: its name, what it means, and how a text becomes its value.

use pollux_gateway::fetch::guard::Guard;
use pollux_pool::balance::Strategy;
use pollux_translate::openai::chat::Thoughts;

use super::{
    Config, LogFormat,
    value::{self, Allowed},
};

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name in a file: `section.name`, or a bare name.
    pub name: &'static str,
    /// Names of the same thing that users of other gateways know.
    pub also: &'static [&'static str],
    /// The default, as it would be written.
    pub default: &'static str,
    /// What it means.
    pub help: &'static str,
    /// Reads a text into the configuration, or says what is allowed.
    pub(super) set: fn(&mut Config, &str) -> Result<(), Allowed>,
    /// Whether its value must never be shown.
    pub secret: bool,
}

impl Setting {
    /// Its environment variable: `POLLUX_NAME`, or `POLLUX_SECTION__NAME`.
    pub fn variable(&self) -> String {
        format!("POLLUX_{}", self.name.replace('.', "__").to_ascii_uppercase())
    }

    /// Its flag, without the dashes.
    pub fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }
}

const fn plain(
    name: &'static str,
    default: &'static str,
    help: &'static str,
    set: fn(&mut Config, &str) -> Result<(), Allowed>,
) -> Setting {
    Setting { name, also: &[], default, help, set, secret: false }
}

/// All of them, in the order in which they are shown.
pub const ALL: &[Setting] = &[
    plain("listen", "127.0.0.1:8080", "Address and port to listen on.", |config, text| {
        config.listen = value::parse(text, "an address and port such as 127.0.0.1:8080")?;
        Ok(())
    }),
    plain(
        "data_dir",
        "~/.local/share/pollux",
        "Directory of the database and the master key; made for its owner alone.",
        |config, text| {
            config.data_dir = value::parse(text, "a directory")?;
            Ok(())
        },
    ),
    Setting {
        also: &["GEMINI_API_KEY"],
        secret: true,
        ..plain(
            "gemini_api_key",
            "",
            "Gemini keys, as key1:10,key2:5,key3; the number is a weight.",
            |config, text| {
                config.gemini_api_key = value::keys(text)?;
                Ok(())
            },
        )
    },
    Setting {
        also: &["GEMINI_BASE_URL"],
        ..plain(
            "gemini_base_url",
            "https://generativelanguage.googleapis.com",
            "Where Gemini is.",
            |config, text| {
                config.gemini_base_url = value::base_url(text)?;
                config.gateway.base_url = config.gemini_base_url.clone();
                Ok(())
            },
        )
    },
    plain(
        "public_url",
        "taken from each request",
        "Where clients reach this server, for the addresses it hands out to go on with an upload.",
        |config, text| {
            config.gateway.public_url = Some(value::public_url(text)?);
            Ok(())
        },
    ),
    Setting {
        also: &["GEMINI_API_VERSION"],
        ..plain(
            "gemini_api_version",
            "v1beta",
            "Version of Gemini's API for translated calls; native calls keep the client's.",
            |config, text| {
                let versions = ["v1", "v1beta", "v1alpha"];
                let known = versions.iter().find(|version| **version == text.trim());
                let version = known.ok_or_else(|| versions.join(", "))?;
                (*version).clone_into(&mut config.gateway.api_version);
                Ok(())
            },
        )
    },
    Setting {
        also: &["AUTH_TOKEN", "AUTH_KEY"],
        secret: true,
        ..plain(
            "access_key",
            "made on first start",
            "What callers present as their API key.",
            |config, text| {
                config.access_key = Some(value::access_key(text)?);
                Ok(())
            },
        )
    },
    Setting {
        secret: true,
        ..plain(
            "master_key",
            "made on first start",
            "Encrypts secrets in the database: 32 random bytes, as 64 hexadecimal digits or base64.",
            |config, text| {
                config.master_key = Some(value::master_key(text)?);
                Ok(())
            },
        )
    },
    plain(
        "pool.strategy",
        "weighted_round_robin",
        "How the next key is chosen: round_robin, weighted_round_robin or random.",
        |config, text| {
            config.strategy =
                text.trim().parse::<Strategy>().map_err(|error| error.allowed.join(", "))?;
            Ok(())
        },
    ),
    plain(
        "pool.max_attempts",
        "4",
        "Attempts per request, not counting keys that prove to be unusable.",
        |config, text| {
            config.gateway.plan.max_attempts = value::number(text, 1, 32)?;
            Ok(())
        },
    ),
    plain("pool.deadline", "3m", "No attempt begins after this time.", |config, text| {
        config.gateway.plan.deadline = value::duration(text)?;
        Ok(())
    }),
    plain(
        "pool.max_wait",
        "5s",
        "How long a request waits for a key to cool down before it is answered 429.",
        |config, text| {
            config.gateway.plan.max_wait = value::duration(text)?;
            Ok(())
        },
    ),
    plain(
        "pool.retry_ratio",
        "0.2",
        "Share of requests that may be retried after upstream trouble (beside ten a second).",
        |config, text| {
            config.retry_ratio = value::number(text, 0.0, 1.0)?;
            Ok(())
        },
    ),
    plain("timeouts.connect", "10s", "To connect to Gemini.", |config, text| {
        config.connect_timeout = value::duration(text)?;
        Ok(())
    }),
    plain("timeouts.first_byte", "2m", "Until a stream's first content.", |config, text| {
        config.gateway.timeouts.first_byte = value::duration(text)?;
        Ok(())
    }),
    plain("timeouts.idle", "2m", "Between two chunks of a stream.", |config, text| {
        config.gateway.timeouts.idle = value::duration(text)?;
        Ok(())
    }),
    plain(
        "timeouts.whole",
        "10m",
        "Until the end of an answer that is not a stream.",
        |config, text| {
            config.gateway.timeouts.whole = value::duration(text)?;
            Ok(())
        },
    ),
    plain("timeouts.head", "30s", "For a client to send a request's head.", |config, text| {
        config.head_timeout = value::duration(text)?;
        Ok(())
    }),
    plain(
        "timeouts.body",
        "30s",
        "For a client to send the next piece of a request's body.",
        |config, text| {
            config.gateway.body_timeout = value::duration(text)?;
            Ok(())
        },
    ),
    plain("threads", "one per core", "Threads that serve connections.", |config, text| {
        config.threads = value::number(text, 1, 1024)?;
        Ok(())
    }),
    plain("limits.body", "100MiB", "The largest request body.", |config, text| {
        config.gateway.max_body_bytes = value::bytes(text)?;
        Ok(())
    }),
    plain(
        "limits.upload",
        "2GiB",
        "The largest file in an upload, which is passed on as it arrives.",
        |config, text| {
            let bytes = value::bytes(text)?;
            config.gateway.max_upload_bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
            Ok(())
        },
    ),
    plain("limits.answer", "128MiB", "The largest answer that is not a stream.", |config, text| {
        config.gateway.max_answer_bytes = value::bytes(text)?;
        Ok(())
    }),
    plain("limits.connections", "10000", "Connections from clients at a time.", |config, text| {
        config.connections = value::number(text, 1, 1_000_000)?;
        Ok(())
    }),
    plain(
        "models.cache",
        "1h",
        "How long a list of models is kept; 0 asks Gemini each time.",
        |config, text| {
            config.gateway.models_ttl = value::duration(text)?;
            Ok(())
        },
    ),
    plain(
        "models.aliases",
        "",
        "Other names of models, as gpt-4o=gemini-3.8-flash,claude-*=gemini-3.1-pro-preview; the first that fits counts.",
        |config, text| {
            config.gateway.names.aliases = value::aliases(text)?;
            Ok(())
        },
    ),
    plain(
        "models.default",
        "no model",
        "The model that stands in for any that Gemini does not list; without one such a model is 404.",
        |config, text| {
            config.gateway.names.default = Some(value::model(text)?);
            Ok(())
        },
    ),
    plain(
        "chat.thoughts",
        "reasoning_content",
        "Where a model's thoughts go in chats: reasoning_content, think_tags (inside content) or hidden.",
        |config, text| {
            config.gateway.chat.thoughts = match text.trim() {
                "reasoning_content" => Thoughts::Field,
                "think_tags" => Thoughts::Tags,
                "hidden" => Thoughts::Hidden,
                _ => return Err("reasoning_content, think_tags or hidden".to_owned()),
            };
            Ok(())
        },
    ),
    plain(
        "chat.suffixes",
        "true",
        "Whether the end of a model's name may ask for something, as in gemini-2.5-flash-search.",
        |config, text| {
            config.gateway.chat.suffixes = value::flag(text)?;
            Ok(())
        },
    ),
    plain(
        "openai.strict",
        "false",
        "Whether fields of OpenAI's dialect that mean nothing to Gemini are refused; else x-pollux-ignored names them.",
        |config, text| {
            config.gateway.strict = value::flag(text)?;
            Ok(())
        },
    ),
    plain(
        "thinking.default",
        "what the model does",
        "How much models think when a chat does not say: off, dynamic, minimal, low, medium, high, xhigh, max or a number of tokens.",
        |config, text| {
            config.gateway.chat.effort = Some(value::effort(text)?);
            Ok(())
        },
    ),
    plain(
        "thinking.models",
        "",
        "The same for single models, as gemini-2.5-flash=off,gemini-3*=low; the first that fits counts.",
        |config, text| {
            config.gateway.chat.efforts = value::efforts(text)?;
            Ok(())
        },
    ),
    plain(
        "thinking.include_thoughts",
        "when asked to think",
        "Whether models tell of their thoughts: true or false.",
        |config, text| {
            config.gateway.chat.include_thoughts = Some(value::flag(text)?);
            Ok(())
        },
    ),
    plain(
        "chat.continue_at_limit",
        "0",
        "How often a chat answer that ended at the model's own limit is continued and joined; 0 is never.",
        |config, text| {
            config.gateway.chat.continuations = value::number(text, 0, 16)?;
            Ok(())
        },
    ),
    plain(
        "chat.signature_ttl",
        "24h",
        "How long the thought signature of a function call is kept for clients that drop it.",
        |config, text| {
            config.gateway.signature_ttl = value::duration(text)?;
            Ok(())
        },
    ),
    plain(
        "fetch.enabled",
        "true",
        "Whether images and files that clients name by URL are fetched for them.",
        |config, text| {
            config.gateway.fetch.enabled = value::flag(text)?;
            Ok(())
        },
    ),
    plain(
        "fetch.allow",
        "",
        "What may be fetched though it is private or on an unusual port: host:port or blocks, by commas.",
        |config, text| {
            config.gateway.fetch.guard = Guard::new(value::list(text)?);
            Ok(())
        },
    ),
    plain("fetch.max_bytes", "20MiB", "The largest file that is fetched.", |config, text| {
        config.gateway.fetch.max_bytes = value::bytes(text)?;
        Ok(())
    }),
    plain("fetch.timeout", "10s", "For a file to be fetched.", |config, text| {
        config.gateway.fetch.timeout = value::duration(text)?;
        Ok(())
    }),
    plain(
        "shutdown.grace",
        "30s",
        "How long running requests may take to end at a stop.",
        |config, text| {
            config.grace = value::duration(text)?;
            Ok(())
        },
    ),
    Setting {
        also: &["LOG_LEVEL"],
        ..plain(
            "log.level",
            "info",
            "The least severe lines that are logged: error, warn, info, debug or trace.",
            |config, text| {
                config.log_level = value::parse(text, "error, warn, info, debug or trace")?;
                Ok(())
            },
        )
    },
    plain("log.format", "text", "How lines are written: text or json.", |config, text| {
        config.log_format = match text.trim() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            _ => return Err("text or json".to_owned()),
        };
        Ok(())
    }),
];
