//! How a pool chooses among its keys, and how far a request may go.

use std::sync::Arc;

use pollux_gateway::egress::{Egress, Proxy};
use pollux_pool::balance::Strategy;

use super::{Setting, choice, duration, flag, number, text};
use crate::config::value;

pub(super) const ROWS: &[Setting] = &[
    choice(
        &[
            "adaptive",
            "round_robin",
            "weighted_round_robin",
            "weighted_random",
            "random",
            "least_used",
        ],
        "pool.strategy",
        "adaptive",
        "How the next key is chosen: adaptive, round_robin, weighted_round_robin, weighted_random, random or least_used.",
        |config, text| {
            config.pool.strategy =
                text.trim().parse::<Strategy>().map_err(|error| error.allowed.join(", "))?;
            Ok(())
        },
    ),
    number(
        "pool.max_attempts",
        "4",
        "Attempts per request, not counting keys that prove to be unusable.",
        |config, text| {
            config.gateway.plan.max_attempts = value::number(text, 1, 32)?;
            Ok(())
        },
    ),
    duration("pool.deadline", "3m", "No attempt begins after this time.", |config, text| {
        config.gateway.plan.deadline = value::duration(text)?;
        Ok(())
    }),
    duration(
        "pool.max_wait",
        "5s",
        "How long a request waits for a key to cool down before it is answered 429.",
        |config, text| {
            config.gateway.plan.max_wait = value::duration(text)?;
            Ok(())
        },
    ),
    number(
        "pool.max_waiting",
        "1000",
        "How many requests wait for a key of one model at most; one more is answered 429 at once.",
        |config, text| {
            config.max_waiting = value::number(text, 0, 1_000_000)?;
            Ok(())
        },
    ),
    number(
        "pool.max_concurrency",
        "0",
        "How many requests a key serves at a time; 0 is any number.",
        |config, text| {
            config.pool.max_concurrency = value::number(text, 0, 1_000_000)?;
            Ok(())
        },
    ),
    flag(
        "pool.affinity",
        "true",
        "Whether a conversation stays with the key that served it before, whose project has it cached.",
        |config, text| {
            config.pool.affinity = value::flag(text)?;
            Ok(())
        },
    ),
    number(
        "pool.paid_daily_requests",
        "any number",
        "How many requests a day paid keys serve together; a day ends at midnight in Los Angeles.",
        |config, text| {
            config.pool.paid_cap = Some(value::number(text, 0, 1_000_000_000)?);
            Ok(())
        },
    ),
    number(
        "pool.retry_ratio",
        "0.2",
        "Share of requests that may be retried after upstream trouble (beside ten a second).",
        |config, text| {
            config.retry_ratio = value::number(text, 0.0, 1.0)?;
            Ok(())
        },
    ),
    number(
        "pool.hedge_ratio",
        "0",
        "Share of requests for which a second key is asked when the first is slower than 95 % of answers were.",
        |config, text| {
            config.hedge_ratio = value::number(text, 0.0, 0.2)?;
            Ok(())
        },
    ),
    Setting {
        secret: true,
        ..text(
            "pool.proxies",
            "",
            "Proxies to Gemini, by commas, as http://host:8080, https://user:password@host or socks5h://host:1080; each key keeps to one.",
            |config, text| {
                let proxies = value::list::<Proxy>(text)?;
                config.proxies =
                    proxies.into_iter().map(|proxy| Egress::Proxy(Arc::new(proxy))).collect();
                Ok(())
            },
        )
    },
];
