//! `docs/API.md` names every route and every place of a credential, and no other.

use std::{collections::BTreeSet, fs, path::Path};

use http::Method;
use pollux_gateway::router;
use pollux_testkit::{ACCESS_KEY, App};

/// Where the routes are that are for admins: openapi.json and DROP-IN.md name them.
const ADMINS: [&str; 5] = ["/admin", "/api/keys", "/api/login", "/api/pools", "/monitor"];
const VERSIONS: [&str; 3] = ["v1", "v1beta", "v1alpha"];

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API.md")).unwrap()
}

/// Returns the first `columns` cells of a table's rows, without ticks.
fn rows<'p>(page: &'p str, name: &str, columns: usize) -> Vec<Vec<&'p str>> {
    let (_, rest) = page.split_once(&format!("<!-- {name} -->\n")).unwrap();
    let (table, _) = rest.split_once(&format!("<!-- /{name} -->")).unwrap();
    let cells = |line: &'p str| -> Vec<&'p str> {
        let cells = line.trim_matches('|').split('|').take(columns);
        cells.map(|cell| cell.trim().trim_matches('`')).collect()
    };
    table.lines().skip(2).map(cells).collect()
}

/// Returns the paths of the server's routes, which only its `Debug` tells.
fn routes(app: &App) -> BTreeSet<String> {
    let debug = format!("{:?}", router::server(app.gateway()));
    // The fallback has routes of its own, which are not to be named.
    let is_ours = |text: &&str| text.starts_with('/') && *text != "/" && !text.contains("axum");
    debug.split('"').filter(is_ours).map(str::to_owned).collect()
}

/// The collection of a native route, and the route as the page writes it.
fn native<'r>(route: &'r str, collections: &[&str]) -> Option<(&'r str, String)> {
    let (version, rest) = route.trim_start_matches('/').split_once('/')?;
    let name = rest.split(['/', ':']).next().unwrap_or_default();
    let is_native = VERSIONS.contains(&version) && collections.contains(&name);
    let below = rest.strip_prefix(name).unwrap_or_default();
    is_native.then(|| (name, format!("/{{version}}/{{collection}}{below}")))
}

#[tokio::test]
async fn the_page_names_every_route() {
    let app = App::start("key-1").await;
    let page = page();
    let collections: Vec<&str> =
        rows(&page, "collections", 1).into_iter().map(|row| row[0]).collect();
    let mut named: BTreeSet<String> =
        rows(&page, "endpoints", 2).into_iter().map(|row| row[1].to_owned()).collect();
    let (mut served, mut found) = (BTreeSet::new(), BTreeSet::new());
    let is_of_clients = |route: &String| ADMINS.iter().all(|place| !route.starts_with(place));
    for route in routes(&app).into_iter().filter(is_of_clients) {
        if named.contains(&route) {
            served.insert(route);
        } else if let Some((collection, general)) = native(&route, &collections) {
            found.insert(collection.to_owned());
            served.insert(general);
        } else {
            panic!("{route} is served, and the page does not name it");
        }
    }
    // The models of `v1` are shared, and have rows of their own; those of the others are native.
    assert_eq!(found, collections.iter().map(|name| (*name).to_owned()).collect());
    named.retain(|path| !served.contains(path));
    assert_eq!(named, BTreeSet::new(), "the page names what is not served");
}

#[tokio::test]
async fn every_endpoint_takes_the_method_that_the_page_says() {
    let app = App::start("key-1").await;
    let page = page();
    for row in rows(&page, "endpoints", 2) {
        let (method, path) = (row[0], row[1]);
        let target = path
            .replace("{version}", "v1beta")
            .replace("{collection}", "files")
            .replace("{method}", "register")
            .replace("{*name}", "x");
        let (methods, refused) = match method {
            "GET" => (vec![Method::GET], Some(Method::PUT)),
            "POST" => (vec![Method::POST], Some(Method::GET)),
            _ => (vec![Method::GET, Method::POST], None),
        };
        for method in methods {
            let answer = app.request(method, &target).whole().await;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(!text.contains("nothing is served"), "{target}: {text}");
            assert_ne!(answer.status, 405, "{target}");
        }
        // What is below `/v1/models` is also Gemini's own, for all methods.
        if let Some(method) = refused.filter(|_| !path.starts_with("/v1/models/")) {
            assert_eq!(app.request(method, &target).whole().await.status, 405, "{target}");
        }
    }
}

#[tokio::test]
async fn a_key_is_taken_from_every_place_that_the_page_names() {
    let app = App::start("key-1").await;
    let page = page();
    let places = rows(&page, "credentials", 1);
    assert_eq!(places.len(), 6);
    for place in places.iter().flat_map(|row| row[0].split("`, `")) {
        let place = place.replace("KEY", ACCESS_KEY);
        let target = "/v1beta/models/gemini-2.5-flash";
        let request = match place.split_once(": ") {
            Some((name, value)) => app.get(target).anonymous().header(name, value),
            None => app.get(&format!("{target}{place}")).anonymous(),
        };
        assert_eq!(request.whole().await.status, 200, "{place}");
    }
    for path in ["/", "/health", "/healthz", "/readyz", "/status", "/wake"] {
        assert_eq!(app.get(path).anonymous().whole().await.status, 200, "{path}");
    }
    assert_eq!(app.get("/v1/models").anonymous().whole().await.status, 401);
}
