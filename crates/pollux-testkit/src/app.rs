//! The gateway over a scripted Gemini, each on a free port, on one clock.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::Method;
use pollux::{
    config::{Config, Given, Sources},
    listener::Limits,
    open::{self, Instance},
    reload::Reload,
    service::Service,
    signals::Hangups,
    tasks::Tasks,
    telemetry::Level,
};
use pollux_gateway::{app::Gateway, ledger::Ledger as _, scrub::Scrubber};
use pollux_pool::{health::KeyView, time::Timestamp};
use pollux_simulator::{Exchange, Running, Script, Simulator};
use pollux_store::{
    cipher::{Cipher, MasterKey},
    driver::sqlite::Sqlite,
    store::{DEFAULT_POOL, Store},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{Ended, ManualClock, Request};

/// What callers of an app present, unless it is configured otherwise.
pub const ACCESS_KEY: &str = "sk-access-key-of-the-test";

/// The owner's password, unless it is configured otherwise.
pub const ADMIN_PASSWORD: &str = "password-of-the-owner";

/// Where an app's clock stands at first: noon in Los Angeles, 20 January 2026.
pub const START: Timestamp = Timestamp::from_seconds(1_768_939_200);

/// How long a stop may take, in real time.
const GRACE: Duration = Duration::from_secs(5);

/// A running gateway and the Gemini behind it; both stop when it is dropped.
#[derive(Debug)]
pub struct App {
    /// The time of both.
    pub clock: ManualClock,
    address: SocketAddr,
    gemini: Running,
    instance: Instance,
    names: Vec<String>,
    tasks: Tasks,
    stop: DropGuard,
    hurry: DropGuard,
    database: Arc<Sqlite>,
}

/// An app before its start.
#[derive(Debug)]
pub struct Builder {
    script: Script,
    settings: BTreeMap<String, String>,
    file: Option<PathBuf>,
    now: Timestamp,
}

impl App {
    /// Starts an app whose Gemini follows `script`, in the simulator's notation.
    ///
    /// Its pool has every key that the script names, in the order of their names, and takes turns;
    /// keys are not checked by schedule.
    pub async fn start(script: &str) -> Self {
        Self::builder(script).start().await
    }

    /// Prepares an app.
    pub fn builder(script: &str) -> Builder {
        let script = script.parse::<Script>().expect("a script");
        Builder { script, settings: BTreeMap::new(), file: None, now: START }
    }

    /// The gateway itself, for what no face can ask.
    pub fn gateway(&self) -> &Gateway {
        &self.instance.gateway
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The Gemini behind it.
    pub fn gemini(&self) -> &Simulator {
        &self.gemini.simulator
    }

    /// The address of the Gemini behind it, without a slash at its end.
    pub fn gemini_url(&self) -> String {
        self.gemini.url()
    }

    /// Every request that reached Gemini, in order.
    pub fn calls(&self) -> Vec<Exchange> {
        self.gemini().requests()
    }

    /// The keys of the requests that reached Gemini, in order.
    pub fn asked(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.key.unwrap_or_default()).collect()
    }

    /// What the gateway holds against a key, by the key's text.
    pub fn key(&self, name: &str) -> KeyView {
        let at = self.names.iter().position(|known| known == name);
        let mut keys = self.keys();
        match at {
            Some(at) if at < keys.len() => keys.swap_remove(at),
            Some(_) | None => panic!("no key is called {name}"),
        }
    }

    /// What the gateway holds against its keys.
    pub fn keys(&self) -> Vec<KeyView> {
        self.instance.ledger.view(DEFAULT_POOL)
    }

    /// How many attempts are under way.
    pub fn in_flight(&self) -> u32 {
        self.keys().iter().map(|key| key.in_flight).sum()
    }

    /// A request with a JSON body.
    pub fn post(&self, target: &str, body: impl Into<Bytes>) -> Request {
        Request::new(self.address, Method::POST, target, body.into())
    }

    /// A request without a body.
    pub fn get(&self, target: &str) -> Request {
        self.request(Method::GET, target)
    }

    /// A request of another method, without a body.
    pub fn request(&self, method: Method, target: &str) -> Request {
        Request::new(self.address, method, target, Bytes::new())
    }

    /// A request that goes straight to Gemini with a key of its own, past the gateway.
    pub fn past_the_gateway(&self, key: &str, target: &str, body: impl Into<Bytes>) -> Request {
        let request = Request::new(self.gemini.address, Method::POST, target, body.into());
        request.anonymous().header("x-goog-api-key", key)
    }

    /// Stops taking requests, without waiting for those that run.
    pub fn begin_stop(&mut self) {
        let begun = CancellationToken::new().drop_guard();
        drop(std::mem::replace(&mut self.stop, begun));
    }

    /// Cuts the grace of those that still run short.
    pub fn hurry(&mut self) {
        let begun = CancellationToken::new().drop_guard();
        drop(std::mem::replace(&mut self.hurry, begun));
    }

    /// Stops in good order: what runs may end, and everything is written.
    pub async fn stop(self) -> Ended {
        let Self { clock, gemini, instance, tasks, stop, hurry, database, .. } = self;
        drop(stop);
        assert!(tasks.finish(GRACE).await, "the service did not stop within {GRACE:?}");
        drop(hurry);
        gemini.stop().await;
        Ended { store: instance.store, clock, database }
    }
}

impl Builder {
    /// Sets a setting, by its name in a file.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Gives it a configuration file.
    #[must_use]
    pub fn file(mut self, path: &Path) -> Self {
        self.file = Some(path.to_owned());
        self
    }

    /// Changes the script by its own methods.
    #[must_use]
    pub fn script(mut self, change: impl FnOnce(Script) -> Script) -> Self {
        self.script = change(self.script);
        self
    }

    /// Keeps the state in a directory, where a later app finds it, instead of in memory.
    #[must_use]
    pub fn directory(self, path: &Path) -> Self {
        self.set("data_dir", &path.display().to_string())
    }

    /// Puts the clock somewhere else.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Starts it.
    pub async fn start(self) -> App {
        let Self { script, settings, file, now } = self;
        let clock = ManualClock::new(now);
        let keys: Vec<String> = script.keys.keys().cloned().collect();
        let gemini = pollux_simulator::start(script, clock.simulated()).await;
        let gemini = gemini.expect("a simulated Gemini");
        let mut flags = BTreeMap::from([
            ("gemini_base_url".to_owned(), gemini.url()),
            ("gemini_api_key".to_owned(), keys.join(",")),
            ("access_key".to_owned(), ACCESS_KEY.to_owned()),
            ("admin_password".to_owned(), ADMIN_PASSWORD.to_owned()),
            ("pool.strategy".to_owned(), "round_robin".to_owned()),
            // Whoever counts what reaches Gemini should have to think of nothing beside his requests.
            ("health.checks".to_owned(), "false".to_owned()),
        ]);
        let on_disk = settings.contains_key("data_dir");
        flags.extend(settings);
        let sources = Sources { flags, file, ..Sources::default() };
        let given = Given::read(&sources).expect("settings");
        let config = given.config().expect("settings");
        let (database, store) =
            if on_disk { on_disk_store(&config, &clock).await } else { in_memory(&clock).await };
        let scrubber = Arc::new(ArcSwap::from_pointee(Scrubber::default()));
        let instance = open::gateway(&given, store, clock.clock(), &scrubber).await;
        let instance = instance.expect("a gateway");
        let (stop, hurry) = (CancellationToken::new(), CancellationToken::new());
        let tasks = Tasks::default();
        let service = service(&config, instance.clone()).await;
        let address = service.address().expect("an address");
        tasks.spawn(service.run(stop.clone(), hurry.clone()));
        let reload = Reload::new(sources, given, instance.clone(), scrubber, Level::default());
        tasks.spawn(reload.run(Hangups::default(), stop.clone()));
        let names = config.gemini_api_key.iter().map(|(key, _)| key.expose().to_owned()).collect();
        let (stop, hurry) = (stop.drop_guard(), hurry.drop_guard());
        App { clock, address, gemini, instance, names, tasks, stop, hurry, database }
    }
}

/// A store in memory, and the database under it.
pub async fn in_memory(clock: &ManualClock) -> (Arc<Sqlite>, Store) {
    let master = MasterKey::generate().expect("a master key");
    let cipher = Cipher::new(&master).expect("a cipher");
    let database = Arc::new(Sqlite::memory().await.expect("a database in memory"));
    let store = Store::open(database.clone(), cipher, clock.now()).await.expect("a store");
    (database, store)
}

async fn on_disk_store(config: &Config, clock: &ManualClock) -> (Arc<Sqlite>, Store) {
    let database = open::database(config).await.expect("a database");
    let store = open::store(config, database.clone(), &clock.clock()).await.expect("a store");
    (database, store)
}

async fn service(config: &Config, instance: Instance) -> Service {
    let limits = Limits { connections: config.connections, head_timeout: config.head_timeout };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Service::bind(instance, address, limits, config.grace).await.expect("a free port")
}
