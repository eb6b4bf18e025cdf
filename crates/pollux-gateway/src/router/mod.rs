//! Path to handler: every route of the server on one screen.
//!
//! People paste base URLs with and without a version or a product prefix, so a
//! path is brought to one form first (see [`canonical`]) and routed then.

mod canonical;
mod form;

use std::{future::Future, net::IpAddr, pin::Pin, time::Duration};

use axum::{
    Router,
    extract::Request,
    response::Response,
    routing::{any, get, post},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use pollux_store::admins::Role;
use pollux_translate::gemini::reference;
use tower_http::cors::{AllowHeaders, AllowOrigin, Any, CorsLayer};
use tower_service::Service;

use crate::{
    admin::{self, Admin},
    app::Gateway,
    client::Peer,
    console, dropin,
    faces::{
        self, gemini, health, openai,
        respond::{self, Answered, Dialect, Incoming, face},
        verify,
    },
    own_keys, visit,
};

/// The versions of Gemini's API; a client's own goes upstream.
const VERSIONS: &[&str] = &["v1", "v1beta", "v1alpha"];

/// The gateway as an HTTP service.
#[derive(Clone, Debug)]
pub struct Server {
    routes: Router,
    /// What no page of another origin may call.
    admin: Router,
    gateway: Gateway,
}

/// Builds the service over `gateway`.
pub fn server(gateway: &Gateway) -> Server {
    let routes = Router::new()
        .route("/health", get(face(gateway, None, health::health)))
        .route("/healthz", get(face(gateway, None, health::live)))
        .route("/readyz", get(face(gateway, None, health::status)))
        .route("/status", get(face(gateway, None, health::status)))
        .route(
            "/verify",
            get(face(gateway, None, verify::verify)).post(face(gateway, None, verify::verify)),
        )
        .route(
            "/v1/chat/completions",
            post(served(gateway, Some(Dialect::OpenAi), openai::chat::create)),
        )
        .merge(beside_chat(gateway))
        .merge(dropin::public(gateway))
        .merge(native(gateway))
        .method_not_allowed_fallback(face(gateway, None, faces::wrong_method))
        .fallback(face(gateway, None, faces::not_found));
    Server { routes: routes.layer(cors()), admin: admin(gateway), gateway: gateway.clone() }
}

/// What only an admin may see and do.
fn admin(gateway: &Gateway) -> Router {
    admin::routes(gateway)
        .merge(dropin::routes(gateway))
        .method_not_allowed_fallback(locked(gateway, faces::wrong_method))
        .fallback(locked(gateway, faces::not_found))
}

/// What OpenAI's clients ask beside chat.
fn beside_chat(gateway: &Gateway) -> Router {
    let open_ai = Some(Dialect::OpenAi);
    Router::new()
        .route("/api/chat/completed", post(served(gateway, open_ai, openai::completed::echo)))
        .route("/v1/audio/speech", post(served(gateway, open_ai, openai::audio::speak)))
        .route(
            "/v1/audio/transcriptions",
            post(served(gateway, open_ai, openai::audio::transcribe)),
        )
        .route("/v1/audio/translations", post(served(gateway, open_ai, openai::audio::translate)))
        .route("/v1/completions", post(served(gateway, open_ai, openai::completions::create)))
        .route("/v1/embeddings", post(served(gateway, open_ai, openai::embeddings::create)))
        .route("/v1/images/generations", post(served(gateway, open_ai, openai::images::generate)))
        .route("/v1/images/edits", post(served(gateway, open_ai, openai::images::edit)))
        .route("/v1/images/variations", post(served(gateway, open_ai, openai::images::vary)))
}

/// Gemini's own paths; `/v1/models` is shared with the other dialects' lists.
fn native(gateway: &Gateway) -> Router {
    let pass = || any(served(gateway, Some(Dialect::Gemini), gemini::pass));
    let mut routes = Router::new()
        .route("/v1/models", get(served(gateway, None, faces::list_models)))
        .route("/v1/models/{*name}", pass().get(served(gateway, None, faces::one_model)));
    for version in VERSIONS {
        for collection in gemini::PASSED.iter().filter(|it| !(**it == "models" && *version == "v1"))
        {
            routes = routes
                .route(&format!("/{version}/{collection}"), pass())
                .route(&format!("/{version}/{collection}/{{*name}}"), pass());
        }
        for collection in reference::COLLECTIONS {
            routes = routes
                .route(&format!("/{version}/{collection}"), pass())
                .route(&format!("/{version}/{collection}:{{method}}"), pass())
                .route(&format!("/{version}/{collection}/{{*name}}"), pass());
        }
    }
    let upload = any(served(gateway, Some(Dialect::Gemini), gemini::upload));
    let download = any(served(gateway, Some(Dialect::Gemini), gemini::download));
    routes.route("/upload/{*name}", upload).route("/download/{*name}", download)
}

/// An answer that says no more than that something is missing, and that to nobody but admins.
fn locked<H, F>(
    gateway: &Gateway,
    handler: H,
) -> impl Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Clone + Send + Sync + 'static
where
    H: Fn(Gateway, Incoming) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answered> + Send + 'static,
{
    let handler = move |admin: Admin, incoming| handler(admin.gateway, incoming);
    face(gateway, Some(Dialect::Gemini), dropin::told(admin::locked(Role::Viewer, handler)))
}

/// A handler that asks Gemini, also with keys that its clients bring.
fn served<H, F>(
    gateway: &Gateway,
    dialect: Option<Dialect>,
    handler: H,
) -> impl Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Clone + Send + Sync + 'static
where
    H: Fn(Gateway, Incoming) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answered> + Send + 'static,
{
    face(gateway, dialect, own_keys::admitted(handler))
}

/// The public faces may be called from any page: they know no cookies.
fn cors() -> CorsLayer {
    let exposed = ["x-request-id", "x-pollux-attempts", "x-pollux-ignored"];
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods(Any)
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(
            exposed
                .map(HeaderName::from_static)
                .into_iter()
                .chain([header::RETRY_AFTER])
                .chain(gemini::UPLOAD_HEADERS)
                .chain(visit::exposed())
                .collect::<Vec<_>>(),
        )
        .max_age(Duration::from_hours(24))
}

impl Server {
    /// Answers one request, whose connection came from `peer` as far as that is known.
    pub async fn answer(&self, mut request: Request, peer: Option<IpAddr>) -> Response {
        // What routes a request takes nothing beside it; axum's own servers do the same.
        if let Some(peer) = peer {
            request.extensions_mut().insert(Peer(peer));
        }
        if console::holds(request.uri().path()) {
            return console::answer(&self.gateway, request).await;
        }
        canonical::rewrite(request.uri_mut());
        if let Some(response) = console::lead(&request) {
            return response;
        }
        let path = request.uri().path();
        let is_admin = admin::holds(path) || dropin::holds(path);
        let is_preflight = !is_admin && request.method() == Method::OPTIONS;
        let mut routes = if is_admin { self.admin.clone() } else { self.routes.clone() };
        let mut response = match routes.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if is_admin {
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        }
        if is_preflight {
            // The layer for CORS answers each of them, with nothing in a 200.
            *response.status_mut() = StatusCode::NO_CONTENT;
        }
        response
    }

    /// The same for a request as it came over HTTP/1.1: what two servers could read in two ways is
    /// refused, and nothing is taken after it.
    pub async fn answer_plain(&self, request: Request, peer: Option<IpAddr>) -> Response {
        let Err(failure) = form::check(&request) else { return self.answer(request, peer).await };
        let refusing = async |_, _| Err(failure);
        let mut response = respond::answer(self.gateway.clone(), None, refusing, request).await;
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }
}
