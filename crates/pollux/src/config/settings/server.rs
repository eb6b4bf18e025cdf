//! Where the server is and what it keeps, what it asks with, and what callers show it.

use pollux_gateway::catalog::Strangers;

use super::{Setting, choice, flag, list, text};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    Setting {
        needs_restart: true,
        ..text("listen", "127.0.0.1:8080", "Address and port to listen on.", |config, text| {
            config.listen = value::parse(text, "an address and port such as 127.0.0.1:8080")?;
            Ok(())
        })
    },
    Setting {
        needs_restart: true,
        ..text(
            "data_dir",
            "~/.local/share/pollux",
            "Directory of the database and the master key; made for its owner alone.",
            |config, text| {
                config.data_dir = value::parse(text, "a directory")?;
                Ok(())
            },
        )
    },
    Setting {
        also: &["GEMINI_API_KEY"],
        secret: true,
        ..text(
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
        needs_restart: true,
        ..text(
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
    text(
        "public_url",
        "taken from each request",
        "Where clients reach this server, for the addresses it hands out to go on with an upload.",
        |config, text| {
            config.gateway.public_url = Some(value::public_url(text)?);
            Ok(())
        },
    ),
    list(
        "trusted_proxies",
        "",
        "Proxies that are believed about where requests come from (X-Forwarded-For), as 127.0.0.1,10.0.0.0/8.",
        |config, text| {
            config.gateway.trusted_proxies = value::list(text).map_err(|_| {
                "addresses such as 127.0.0.1 and networks such as 10.0.0.0/8 or 2001:db8::/32, by \
                 commas"
                    .to_owned()
            })?;
            Ok(())
        },
    ),
    Setting {
        also: &["GEMINI_API_VERSION"],
        ..choice(
            &["v1", "v1beta", "v1alpha"],
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
        ..text(
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
        also: &["ADMIN_PASSWORD", "HOME_ACCESS_KEY"],
        secret: true,
        ..text(
            "admin_password",
            "made on first start",
            "The password of the admin called admin, the owner.",
            |config, text| {
                config.gateway.admin_password = Some(value::access_key(text)?);
                Ok(())
            },
        )
    },
    Setting {
        secret: true,
        needs_restart: true,
        ..text(
            "master_key",
            "made on first start",
            "Encrypts secrets in the database: 32 random bytes, as 64 hexadecimal digits or base64.",
            |config, text| {
                config.master_key = Some(value::master_key(text)?);
                Ok(())
            },
        )
    },
    Setting {
        secret: true,
        needs_restart: true,
        ..text(
            "master_key_next",
            "",
            "The master key that takes the place of the present one at the next start; then name it as master_key alone.",
            |config, text| {
                config.master_key_next = Some(value::master_key(text)?);
                Ok(())
            },
        )
    },
    Setting {
        also: &["FORWARD_CLIENT_KEY_ENABLED"],
        ..flag(
            "pass_through",
            "false",
            "Whether clients may bring Gemini keys of their own, one or several by commas, in place of an access key.",
            |config, text| {
                let is_on = value::flag(text)?;
                config.gateway.strangers =
                    if is_on { Strangers::OwnKeys } else { Strangers::Refused };
                Ok(())
            },
        )
    },
];
