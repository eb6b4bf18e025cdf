//! Every setting: a value that works, and one that is refused in words that help.

use std::{collections::BTreeSet, path::Path, time::Duration};

use pollux::config::{Config, ConfigError, LogFormat, settings};
use pollux_gateway::{
    catalog::{Strangers, Unknown},
    fetch::guard::Guard,
    recorder::Logging,
    settings::Kind,
};
use pollux_pool::{balance::Strategy, key::Tier};

use pollux_translate::{
    gemini::{
        safety::Safety,
        thinking::{Effort, Level},
    },
    openai::chat::Thoughts,
    pacing::Mode,
    usage::Usage,
};

use super::{from_flag, from_variable};

/// One setting: a good text and what it makes, a bad text and what is said of it.
struct Row {
    name: &'static str,
    good: &'static str,
    made: fn(&Config) -> bool,
    bad: &'static str,
    allowed: &'static str,
}

const fn row(
    name: &'static str,
    (good, made): (&'static str, fn(&Config) -> bool),
    (bad, allowed): (&'static str, &'static str),
) -> Row {
    Row { name, good, made, bad, allowed }
}

const TIME: &str = "a duration such as 250ms, 30s, 2m, 1h or 7d";
const SIZE: &str = "a size such as 64KiB";
const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn limits_are(config: &Config, tier: Tier, values: [u64; 3]) -> bool {
    config.pool.limits.0.iter().map(|rule| (rule.tier, rule.value)).eq(values.map(|it| (tier, it)))
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const ROWS: &[Row] = &[
    row("listen", ("[::1]:9", |c| c.listen.port() == 9), ("9", "an address and port")),
    // Any text names a directory.
    row("data_dir", ("/srv/x", |c| c.data_dir == Path::new("/srv/x")), ("", "")),
    row(
        "gemini_api_key",
        ("AQ.a-key:10, second-key\nthird:x", |c| {
            let keys = c.gemini_api_key.iter().map(|(key, weight)| (key.expose(), *weight));
            keys.eq([("AQ.a-key", 10), ("second-key", 1), ("third:x", 1)])
        }),
        ("a-key:0", "a weight is a number from 1"),
    ),
    row(
        "gemini_base_url",
        ("http://gemini.test:81/v1beta/", |c| c.gemini_base_url == "http://gemini.test:81/"),
        ("gemini.test", "an address such as https://"),
    ),
    row(
        "public_url",
        ("https://ai.test/pollux/", |c| {
            c.gateway.public_url.as_ref().is_some_and(|url| url == "https://ai.test/pollux")
        }),
        ("ai.test", "an address such as https://ai.example.com"),
    ),
    row(
        "trusted_proxies",
        ("127.0.0.1, 2001:db8::/32", |c| {
            let trusted = c.gateway.trusted_proxies.iter().map(ToString::to_string);
            trusted.eq(["127.0.0.1/32", "2001:db8::/32"])
        }),
        ("localhost", "addresses such as 127.0.0.1 and networks"),
    ),
    row(
        "gemini_api_version",
        ("v1alpha", |c| c.gateway.api_version == "v1alpha"),
        ("v2", "v1, v1beta, v1alpha"),
    ),
    row(
        "access_key",
        ("sk-my-own-key", |c| {
            c.access_key.as_ref().is_some_and(|key| key.expose() == "sk-my-own-key")
        }),
        ("gandalf", "no product's default"),
    ),
    row(
        "admin_password",
        ("of-the-admin", |c| {
            c.gateway.admin_password.as_ref().is_some_and(|it| it.expose() == "of-the-admin")
        }),
        ("admin", "8 or more"),
    ),
    row(
        "master_key_next",
        (HEX, |c| c.master_key_next.as_ref().is_some_and(|key| key.to_text().expose() == HEX)),
        ("short", "32 bytes"),
    ),
    row(
        "master_key",
        (HEX, |c| c.master_key.as_ref().is_some_and(|key| key.to_text().expose() == HEX)),
        ("not-hexadecimal", "64 hexadecimal digits"),
    ),
    row(
        "pool.strategy",
        ("least_used", |c| c.pool.strategy == Strategy::LeastUsed),
        (
            "best",
            "adaptive, round_robin, weighted_round_robin, weighted_random, random, least_used",
        ),
    ),
    row("pool.max_waiting", ("0", |c| c.max_waiting == 0), ("-1", "a number from 0 to 1000000")),
    row(
        "pool.max_concurrency",
        ("3", |c| c.pool.max_concurrency == 3),
        ("any", "a number from 0 to 1000000"),
    ),
    row("pool.affinity", ("false", |c| !c.pool.affinity), ("sticky", "true or false")),
    row(
        "pool.paid_daily_requests",
        ("0", |c| c.pool.paid_cap == Some(0)),
        ("1e3", "a number from 0 to 1000000000"),
    ),
    row(
        "quota.free",
        ("gemini-2.5-flash=5rpm/100rpd,*=10rpm", |c| limits_are(c, Tier::Free, [5, 100, 10])),
        ("*=5rpm,gemini-2.5-pro=1rps", "rpm, tpm, rpd or tpd"),
    ),
    row(
        "quota.paid",
        ("gemini-3*=1000rpm/4000000tpm,*=1tpd", |c| {
            limits_are(c, Tier::Paid, [1_000, 4_000_000, 1])
        }),
        ("10rpm", "which `10rpm` is not"),
    ),
    row("pool.max_attempts", ("7", |c| c.gateway.plan.max_attempts == 7), ("0", "from 1 to 32")),
    row("pool.deadline", ("90s", |c| c.gateway.plan.deadline == seconds(90)), ("soon", TIME)),
    row("pool.max_wait", ("0", |c| c.gateway.plan.max_wait == seconds(0)), ("-1s", TIME)),
    row(
        "pool.retry_ratio",
        ("0.5", |c| (0.49..0.51).contains(&c.retry_ratio)),
        ("1.5", "a number from 0 to 1"),
    ),
    row(
        "pool.hedge_ratio",
        ("0.02", |c| (0.019..0.021).contains(&c.hedge_ratio)),
        ("0.3", "a number from 0 to 0.2"),
    ),
    row("health.checks", ("false", |c| !c.gateway.health_checks), ("no", "true or false")),
    row(
        "health.disable_after",
        ("2", |c| c.policy.after == seconds(172_800)),
        ("2 days", "a number from 0 to 3650"),
    ),
    row(
        "health.disable_after_refusals",
        ("20", |c| c.policy.refusals == 20),
        ("often", "a number from 0 to 1000000"),
    ),
    row("health.delete_refused", ("true", |c| c.policy.deletes), ("perhaps", "true or false")),
    row(
        "alerts.webhook",
        ("https://hooks.test/secret?token=more", |c| c.webhook.is_some()),
        ("https://user:secret@hooks.test", "without a user"),
    ),
    row("alerts.before", ("30m", |c| c.alerts_before == seconds(1800)), ("early", TIME)),
    row(
        "log.requests",
        ("failed", |c| c.gateway.log == Logging::Failed),
        ("some", "all, failed or none"),
    ),
    row(
        "retention.minutes",
        ("2d", |c| c.gateway.retention.usage.minutes == Some(seconds(172_800))),
        ("long", TIME),
    ),
    row("retention.hours", ("0", |c| c.gateway.retention.usage.hours.is_none()), ("long", TIME)),
    row(
        "retention.days",
        ("365d", |c| c.gateway.retention.usage.days == Some(seconds(31_536_000))),
        ("long", TIME),
    ),
    row(
        "retention.requests",
        ("12h", |c| c.gateway.retention.requests == Some(seconds(43_200))),
        ("long", TIME),
    ),
    row(
        "retention.key_events",
        ("2d", |c| c.gateway.retention.key_events == Some(seconds(172_800))),
        ("long", TIME),
    ),
    row("retention.audit", ("0", |c| c.gateway.retention.changes.is_none()), ("long", TIME)),
    row(
        "admin.session_idle",
        ("30m", |c| c.gateway.sessions.idle == seconds(1_800)),
        ("10s", "of 1m to 3650d"),
    ),
    row(
        "admin.session_longest",
        ("7d", |c| c.gateway.sessions.longest == seconds(604_800)),
        ("ever", "of 1m to 3650d"),
    ),
    row("trace.requests", ("0", |c| c.gateway.traces == 0), ("all", "a number from 0 to 100000")),
    row(
        "pool.proxies",
        ("http://u:secret@p.test:8080, socks5h://10.0.0.1", |c| {
            let shown: Vec<_> = c.proxies.iter().map(ToString::to_string).collect();
            shown == ["http://p.test:8080", "socks5h://10.0.0.1:1080"]
        }),
        ("http://p.test, ftp://u:secret@p.test", "socks5h://host:1080"),
    ),
    row("timeouts.connect", ("3s", |c| c.connect_timeout == seconds(3)), ("3 days", TIME)),
    row(
        "timeouts.first_byte",
        ("1m", |c| c.gateway.timeouts.first_byte == seconds(60)),
        ("x", TIME),
    ),
    row("timeouts.idle", ("1.5s", |c| c.gateway.timeouts.idle == seconds(3) / 2), ("", TIME)),
    row("timeouts.whole", ("1h", |c| c.gateway.timeouts.whole == seconds(3600)), ("1h30m", TIME)),
    row("timeouts.head", ("250ms", |c| c.head_timeout == seconds(1) / 4), ("NaN", TIME)),
    row("timeouts.body", ("9", |c| c.gateway.body_timeout == seconds(9)), ("9x", TIME)),
    row("threads", ("999", |c| c.threads == 999), ("0", "a number from 1 to 1024")),
    row("limits.body", ("64KiB", |c| c.gateway.max_body_bytes == 65_536), ("0", SIZE)),
    row("limits.upload", ("3GiB", |c| c.gateway.max_upload_bytes == 3 << 30), ("0", SIZE)),
    row("limits.answer", ("1GiB", |c| c.gateway.max_answer_bytes == 1 << 30), ("1.5MiB", SIZE)),
    row(
        "limits.connections",
        ("5", |c| c.connections == 5),
        ("many", "a number from 1 to 1000000"),
    ),
    row(
        "pass_through",
        ("true", |c| c.gateway.strangers == Strangers::OwnKeys),
        ("yes", "true or false"),
    ),
    row("streams.keep_alive", ("0", |c| c.gateway.streams.keep_alive.is_zero()), ("often", TIME)),
    row("streams.from_whole", ("true", |c| c.gateway.streams.from_whole), ("on", "true or false")),
    row(
        "pacing.mode",
        ("char", |c| c.gateway.pacing.mode == Mode::Char),
        ("slow", "off, char, batch or adaptive"),
    ),
    row(
        "pacing.char_delay",
        ("7ms", |c| c.gateway.pacing.char_delay == Duration::from_millis(7)),
        ("11s", "a duration such as 20ms, of 10s at most"),
    ),
    row(
        "pacing.batch_delay",
        ("7ms", |c| c.gateway.pacing.batch_delay == Duration::from_millis(7)),
        ("11s", "a duration such as 20ms, of 10s at most"),
    ),
    row(
        "pacing.min_delay",
        ("7ms", |c| c.gateway.pacing.min_delay == Duration::from_millis(7)),
        ("11s", "a duration such as 20ms, of 10s at most"),
    ),
    row(
        "pacing.max_delay",
        ("7ms", |c| c.gateway.pacing.max_delay == Duration::from_millis(7)),
        ("11s", "a duration such as 20ms, of 10s at most"),
    ),
    row(
        "pacing.fast_delay",
        ("7ms", |c| c.gateway.pacing.fast_delay == Duration::from_millis(7)),
        ("11s", "a duration such as 20ms, of 10s at most"),
    ),
    row(
        "pacing.between_messages",
        ("7ms", |c| c.gateway.pacing.between_messages == Duration::from_millis(7)),
        ("11s", "a duration such as 20ms, of 10s at most"),
    ),
    row(
        "pacing.batch_size",
        ("7", |c| c.gateway.pacing.batch_size == 7),
        ("0", "a number from 1 to 10000"),
    ),
    row(
        "pacing.buffer",
        ("7", |c| c.gateway.pacing.buffer == 7),
        ("0", "a number from 1 to 100000"),
    ),
    row(
        "pacing.fast_after",
        ("7", |c| c.gateway.pacing.fast_after == 7),
        ("0", "a number from 1 to 1000000"),
    ),
    row(
        "pacing.fast_mode_after",
        ("7", |c| c.gateway.pacing.fast_mode_after == 7),
        ("-1", "a number from 0 to 100000000"),
    ),
    row(
        "pacing.factor",
        ("0.5", |c| (c.gateway.pacing.factor - 0.5).abs() < 1e-9),
        ("-1", "a number from 0 to 100"),
    ),
    row("coalesce.enabled", ("true", |c| c.gateway.coalesce), ("1x", "true or false")),
    row("models.cache", ("0", |c| c.gateway.models_ttl == seconds(0)), ("never", TIME)),
    row(
        "models.aliases",
        ("gpt-4o=gemini-3.8-flash, claude-*=gemini-3.1-pro-preview-search", |c| {
            let want =
                [("gpt-4o", "gemini-3.8-flash"), ("claude-*", "gemini-3.1-pro-preview-search")];
            let aliases = &c.gateway.names.aliases;
            aliases.iter().map(|(name, model)| (name.as_str(), model.as_str())).eq(want)
        }),
        ("gpt-4o", "name=model"),
    ),
    row(
        "models.default",
        ("gemini-3.8-flash", |c| c.gateway.names.default.as_deref() == Some("gemini-3.8-flash")),
        ("../files", "the name of a model"),
    ),
    row(
        "models.unknown",
        ("refuse", |c| c.gateway.names.unknown == Some(Unknown::Refuse)),
        ("guess", "ask, refuse or default"),
    ),
    row(
        "models.allowed",
        ("gemini-3*, models/gemini-2.5-flash", |c| {
            c.gateway.names.allowed == ["gemini-3*", "gemini-2.5-flash"]
        }),
        ("gemini 3", "names of models by commas"),
    ),
    row(
        "safety.default",
        ("few,harassment=off", |c| {
            Safety::parse(
                "harassment=off,hate_speech=few,sexually_explicit=few,dangerous_content=few",
            ) == Ok(c.gateway.safety)
        }),
        ("much", "one of off, none, few, some, most, for all or as category=word"),
    ),
    row(
        "models.prices",
        ("gemini-3*=0.3/0.03/2.5", |c| {
            let usage = Usage { prompt: 10, output: 2, ..Usage::default() };
            c.gateway.prices.cost("gemini-3.8-flash", &usage) == Some(8)
        }),
        ("gemini-3*=0.3", "pattern=input/cached/output"),
    ),
    row(
        "chat.thoughts",
        ("think_tags", |c| c.gateway.chat.thoughts == Thoughts::Tags),
        ("loud", "reasoning_content, think_tags or hidden"),
    ),
    row("chat.suffixes", ("false", |c| !c.gateway.chat.suffixes), ("no", "true or false")),
    row("openai.strict", ("true", |c| c.gateway.strict), ("yes", "true or false")),
    row(
        "thinking.default",
        ("high", |c| c.gateway.chat.effort == Some(Effort::Level(Level::High))),
        ("much", "off, dynamic, minimal"),
    ),
    row(
        "thinking.models",
        ("gemini-2.5-flash=off, gemini-3*=2000", |c| {
            let efforts = [("gemini-2.5-flash", Effort::Off), ("gemini-3*", Effort::Tokens(2000))];
            c.gateway.chat.efforts.iter().map(|(model, it)| (model.as_str(), *it)).eq(efforts)
        }),
        ("gemini-2.5-flash", "model=effort"),
    ),
    row(
        "thinking.include_thoughts",
        ("true", |c| c.gateway.chat.include_thoughts == Some(true)),
        ("maybe", "true or false"),
    ),
    row(
        "chat.continue_at_limit",
        ("2", |c| c.gateway.chat.continuations == 2),
        ("always", "a number from 0 to 16"),
    ),
    row(
        "chat.signature_ttl",
        ("30m", |c| c.gateway.signature_ttl == seconds(1800)),
        ("a day", TIME),
    ),
    row("fetch.enabled", ("false", |c| !c.gateway.fetch.enabled), ("maybe", "true or false")),
    row(
        "fetch.allow",
        ("images.lan:8080, 10.0.0.0/8", |c| {
            let allow = ["images.lan:8080", "10.0.0.0/8"].map(|text| text.parse().unwrap());
            c.gateway.fetch.guard == Guard::new(allow.into())
        }),
        ("images.lan", "hosts with a port such as images.lan:8080"),
    ),
    row("fetch.max_bytes", ("1MiB", |c| c.gateway.fetch.max_bytes == 1 << 20), ("0", SIZE)),
    row("fetch.timeout", ("3s", |c| c.gateway.fetch.timeout == seconds(3)), ("soon", TIME)),
    row("shutdown.grace", ("10s", |c| c.grace == seconds(10)), ("1e30h", TIME)),
    row(
        "log.level",
        ("debug", |c| c.log_level == tracing::Level::DEBUG),
        ("loud", "error, warn, info, debug or trace"),
    ),
    row("log.format", ("json", |c| c.log_format == LogFormat::Json), ("xml", "text or json")),
];

#[test]
fn every_setting_is_in_the_table() {
    let names: BTreeSet<&str> = ROWS.iter().map(|row| row.name).collect();
    let all: BTreeSet<&str> = settings::ALL.iter().map(|setting| setting.name).collect();
    assert_eq!(names, all);
}

#[test]
fn every_setting_takes_a_good_value_from_its_flag_and_its_variable() {
    for setting in settings::ALL {
        let Row { name, good, made, .. } =
            ROWS.iter().find(|row| row.name == setting.name).unwrap();
        assert!(made(&from_flag(name, good).unwrap()), "{name} as a flag");
        assert!(made(&from_variable(&setting.variable(), good).unwrap()), "{name} as a variable");
        for also in setting.also {
            assert!(made(&from_variable(also, good).unwrap()), "{name} as {also}");
        }
        let unset = from_variable("HOME", "/home/somebody").unwrap();
        assert!(!made(&unset), "{name} is tested with its default");
    }
}

#[test]
fn every_setting_refuses_a_bad_value_with_its_origin_and_what_is_allowed() {
    for setting in settings::ALL {
        let Row { name, bad, allowed, .. } =
            ROWS.iter().find(|row| row.name == setting.name).unwrap();
        if allowed.is_empty() {
            continue;
        }
        let shown = if setting.secret { "***" } else { bad };
        let text = match from_flag(name, bad) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{name} takes {bad:?}"),
        };
        let begins =
            format!("--{}: `{shown}` is not allowed for {name}: it takes ", setting.flag());
        assert!(text.starts_with(&begins) && text.contains(allowed), "{name}: {text}");
        // An empty variable counts as absent, as compose files leave it.
        if !bad.is_empty() {
            let error = from_variable(&setting.variable(), bad).unwrap_err().to_string();
            assert!(error.starts_with(&setting.variable()), "{name}: {error}");
        }
    }
}

#[test]
fn every_default_reads_back_as_the_default() {
    let plain = format!("{:?}", from_variable("HOME", "/home/somebody").unwrap());
    for setting in settings::ALL {
        let is_described = setting.default.contains(' ') || setting.default.starts_with('~');
        if is_described || setting.default.is_empty() {
            continue;
        }
        let environment =
            super::pairs([("HOME", "/home/somebody"), (&setting.variable(), setting.default)]);
        let sources = pollux::config::Sources { environment, ..Default::default() };
        let explicit = format!("{:?}", pollux::config::load(&sources).unwrap());
        assert_eq!(explicit, plain, "{} is {}", setting.name, setting.default);
    }
}

#[test]
fn secrets_that_everyone_knows_are_refused() {
    for known in
        ["admin-key", "gandalf", "ajielu", "sk-123456", "changeme", "short", "with space in it"]
    {
        let error = from_variable("AUTH_TOKEN", known).unwrap_err();
        assert!(matches!(error, ConfigError::Value { ref value, .. } if value == "***"), "{error}");
        let said = format!("{error} {error:?}");
        assert!(!said.contains(known), "{said}");
    }
}

#[test]
fn a_configuration_shows_no_secret() {
    for (name, secret) in [
        ("access_key", "sk-secret-of-the-caller"),
        ("gemini_api_key", "AQ.secret-of-google"),
        ("master_key", HEX),
        ("master_key_next", HEX),
    ] {
        let config = from_flag(name, secret).unwrap();
        let shown = format!("{config:?} {config:#?}");
        assert!(!shown.contains(secret), "{name}: {shown}");
    }
    let config = from_flag("pool.proxies", "http://somebody:a-long-secret@p.test").unwrap();
    let shown = format!("{config:?} {config:#?}");
    for part in ["somebody", "a-long-secret", "cret"] {
        assert!(!shown.contains(part), "{part}: {shown}");
    }
}

/// What a kind of setting takes, and what it does not.
fn samples(kind: Kind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        Kind::Flag => (&["true", "false"], &["yes", "1"]),
        Kind::Number => (&[], &["many", "", "1s", "true"]),
        Kind::Duration => (&[], &["soon", "", "true", "5 bananas"]),
        Kind::Choice(words) => (words, &["", "none of them"]),
        Kind::List | Kind::Text | Kind::Secret => (&[], &[]),
    }
}

#[test]
fn every_setting_is_of_the_kind_that_it_says() {
    for setting in settings::ALL {
        let (name, kind) = (setting.name, setting.kind());
        let takes = |text: &str| setting.check(text).is_ok();
        let (good, bad) = samples(kind);
        for text in good {
            assert!(takes(text), "{name} is a {} and refuses {text}", kind.as_str());
        }
        for text in bad {
            assert!(!takes(text), "{name} is a {} and takes {text:?}", kind.as_str());
        }
        assert_eq!(kind == Kind::Secret, setting.secret, "{name}");
        let all = |texts: &[&str]| texts.iter().all(|text| takes(text));
        match kind {
            Kind::Number => assert!(["0.1", "1", "2", "100"].into_iter().any(takes), "{name}"),
            Kind::Duration => assert!(["5ms", "2m"].into_iter().any(takes), "{name}"),
            Kind::Choice(words) => {
                let said = setting.check("\u{0}").unwrap_err();
                let missing = words.iter().find(|word| !said.contains(**word));
                assert_eq!(missing, None, "{name} takes {said}");
                let known = said.replace(" or ", ", ");
                assert_eq!(known.split(", ").count(), words.len(), "{name} takes {said}");
            }
            // What would be a flag or a number is called so.
            Kind::List | Kind::Text => {
                let takes_others = ["x", "1KiB", "off"].into_iter().any(takes);
                let is_one = all(&["true", "false"]) || all(&["1", "2"]);
                assert!(takes_others || !is_one, "{name}");
            }
            Kind::Flag | Kind::Secret => {}
        }
    }
}
