//! `pollux demo`: a simulated Gemini with good and bad keys, a gateway before
//! it, and one chat through each face; nothing leaves the machine.

use std::{collections::BTreeMap, error::Error, net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;
use http_body_util::{BodyExt as _, Full};
use pollux_gateway::{clock::Clock, scrub::Scrubber};
use pollux_simulator::{Exchange, Script, Simulator};
use pollux_store::{
    cipher::{Cipher, MasterKey},
    driver::sqlite::Sqlite,
    store::Store,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{say, serve::shown};
use crate::{
    clock,
    config::{Config, Given, Sources},
    listener::Limits,
    open::{self, Instance},
    reload::Reload,
    service::Service,
    signals::{self, Hangups},
    tasks::Tasks,
    telemetry::Level,
};

/// Four keys that work and four that do not, each in its own way.
const KEYS: &str = "demo-good-1,demo-invalid=invalid,demo-good-2,demo-suspended=suspended,\
    demo-good-3,demo-out-of-quota=quota:rpd=1,demo-good-4,demo-overloaded=overloaded";
const ACCESS_KEY: &str = "sk-pollux-demo";
const MODEL: &str = "gemini-3.5-flash";
const QUESTION: &str = "Why do many keys need one gateway?";

/// Runs the demonstration, and stays up for the reader's own calls unless `once`.
///
/// # Errors
/// When an address is taken, or the demonstration itself goes wrong.
pub async fn run(listen: &str, once: bool) -> Result<(), Box<dyn Error>> {
    let tasks = Tasks::default();
    let stop = CancellationToken::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let gemini = listener.local_addr()?;
    let simulator = Simulator::new(KEYS.parse::<Script>()?, pollux_simulator::Clock::new(micros));
    let (served, stopped) = (simulator.clone(), stop.clone());
    tasks.spawn(async move {
        if let Err(error) = served.serve(listener, stopped.cancelled()).await {
            tracing::error!("the simulated Gemini ended: {error}");
        }
    });
    let sources = configuration(listen, gemini);
    let given = Given::read(&sources)?;
    let config = given.config()?;
    let scrubber = Arc::new(ArcSwap::from_pointee(Scrubber::default()));
    let instance = instance(&given, &scrubber).await?;
    let service = service(&config, instance.clone()).await?;
    let address = service.address()?;
    let hurry = CancellationToken::new();
    let password = shown(&instance.entrances.password, "POLLUX_ADMIN_PASSWORD");
    let reload = Reload::new(sources, given, instance, scrubber, Level::default());
    tasks.spawn(reload.run(Hangups::default(), stop.clone()));
    tasks.spawn(service.run(stop.clone(), hurry.clone()));
    let shown = show(address, &simulator).await;
    if shown.is_ok() && !once {
        invite(address, gemini, &password);
        let _ = signals::stop().await;
    }
    stop.cancel();
    hurry.cancel();
    tasks.finish(config.grace).await;
    shown
}

fn micros() -> i64 {
    clock::now().as_micros()
}

/// The same settings as `serve` has, with keys that only the simulator knows.
fn configuration(listen: &str, gemini: SocketAddr) -> Sources {
    let keys: Vec<&str> =
        KEYS.split(',').map(|entry| entry.split('=').next().unwrap_or(entry)).collect();
    let flags = BTreeMap::from([
        ("listen", listen.to_owned()),
        ("gemini_base_url", format!("http://{gemini}")),
        ("gemini_api_key", keys.join(",")),
        ("access_key", ACCESS_KEY.to_owned()),
        // What is shown is what the questions made happen, and nothing beside them.
        ("health.checks", "false".to_owned()),
    ]);
    let flags = flags.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Sources { flags, ..Sources::default() }
}

async fn instance(given: &Given, scrubber: &ArcSwap<Scrubber>) -> Result<Instance, Box<dyn Error>> {
    let clock: Clock = clock::system();
    let cipher = Cipher::new(&MasterKey::generate()?)?;
    let sql = Arc::new(Sqlite::memory().await?);
    let store = Store::open(sql, cipher, clock.now()).await?;
    Ok(open::gateway(given, store, clock, scrubber).await?)
}

async fn service(config: &Config, instance: Instance) -> Result<Service, Box<dyn Error>> {
    let limits = Limits { connections: config.connections, head_timeout: config.head_timeout };
    let service = Service::bind(instance, config.listen, limits, config.grace).await;
    Ok(service.map_err(|error| format!("cannot listen on {}: {error}", config.listen))?)
}

/// Asks one question through each face, whole and streamed, and tells what happened behind it.
async fn show(address: SocketAddr, simulator: &Simulator) -> Result<(), Box<dyn Error>> {
    let chat = |stream: bool| {
        format!(
            r#"{{"model":"{MODEL}","stream":{stream},"messages":[{{"role":"user","content":"{QUESTION}"}}]}}"#
        )
    };
    let native = format!(r#"{{"contents":[{{"parts":[{{"text":"{QUESTION}"}}]}}]}}"#);
    let model = format!("/v1beta/models/{MODEL}");
    let calls = [
        ("OpenAI chat", "/v1/chat/completions".to_owned(), chat(false)),
        ("OpenAI chat, streamed", "/v1/chat/completions".to_owned(), chat(true)),
        ("Gemini generateContent", format!("{model}:generateContent"), native.clone()),
        (
            "Gemini generateContent, streamed",
            format!("{model}:streamGenerateContent?alt=sse"),
            native,
        ),
    ];
    for (face, path, body) in calls {
        let before = simulator.requests().len();
        let answer = ask(address, &path, body).await?;
        say(&format!("\n{face}   POST {path}\n  question  {QUESTION}\n  answer    {answer}"));
        for exchange in simulator.requests().iter().skip(before) {
            say(&format!("  tried     {}", told(exchange)));
        }
    }
    Ok(())
}

/// What a key did, in the simulator's words.
fn told(exchange: &Exchange) -> String {
    let key = exchange.key.as_deref().unwrap_or("no key");
    match exchange.status {
        200 => format!("{key}: answered"),
        status => format!("{key}: {status}, {}; the next key was asked", exchange.behaviour),
    }
}

/// Sends a body and reads the text of the answer, of whichever dialect it is.
async fn ask(address: SocketAddr, path: &str, body: String) -> Result<String, Box<dyn Error>> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream)).await?;
    let request = http::Request::post(path)
        .header(http::header::HOST, address.to_string())
        .header(http::header::AUTHORIZATION, format!("Bearer {ACCESS_KEY}"))
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Full::<bytes::Bytes>::from(body))?;
    // The sender goes when the answer is there, which lets the connection end.
    let exchange = async move {
        let (head, body) = sender.send_request(request).await?.into_parts();
        Ok::<_, hyper::Error>((head, body.collect().await?.to_bytes()))
    };
    let (answered, ended) = tokio::join!(exchange, connection);
    let (head, body) = answered?;
    ended?;
    let body = String::from_utf8(body.to_vec())?;
    if head.status.is_success() {
        return Ok(body.split("data: ").map(text_of).collect());
    }
    Err(format!("{path} answered {}: {body}", head.status).into())
}

/// The text in one document or event.
fn text_of(document: &str) -> String {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(document.trim()) else {
        return String::new();
    };
    let places = [
        "/choices/0/message/content",
        "/choices/0/delta/content",
        "/candidates/0/content/parts/0/text",
    ];
    places.iter().find_map(|place| value.pointer(place)?.as_str()).unwrap_or_default().to_owned()
}

fn invite(address: SocketAddr, gemini: SocketAddr, password: &str) {
    say(&format!(
        "\nStaying up until Ctrl-C. Try it:\n\n\
         curl http://{address}/v1/chat/completions -H 'Authorization: Bearer {ACCESS_KEY}' \\\n  \
         -H 'Content-Type: application/json' \\\n  \
         -d '{{\"model\":\"{MODEL}\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'\n\n\
         curl 'http://{address}/v1beta/models/{MODEL}:streamGenerateContent?alt=sse' \\\n  \
         -H 'x-goog-api-key: {ACCESS_KEY}' -H 'Content-Type: application/json' \\\n  \
         -d '{{\"contents\":[{{\"parts\":[{{\"text\":\"Hello\"}}]}}]}}'\n\n\
         curl http://{gemini}/_simulator/summary\n\n\
         Or look at it: http://{address}/console/\n\
         Admin password    {password}"
    ));
}
