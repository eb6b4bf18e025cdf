//! The admin API as a table: each row registers a handler, says who may call it, and describes it
//! for the `OpenAPI` document, so that none of the three can be forgotten.

use std::{collections::BTreeMap, future::Future};

use axum::{Router, routing::MethodFilter};
use http::Method;
use pollux_store::admins::Role;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        Components, Content, HttpMethod, Info, OpenApi, Paths, RefOr, Required, Schema,
        path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        response::ResponseBuilder,
        schema::{ObjectBuilder, Ref, Type},
        security::{
            ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
        },
    },
};

use super::{Admin, cookies, locked, open, view::Failed};
use crate::{
    app::Gateway,
    faces::respond::{self, Answered, Dialect, Incoming},
};

/// Where all of it is.
pub(crate) const PREFIX: &str = "/admin/api";
const JSON: &str = "application/json";

/// One row, before its handler.
pub(super) struct Route {
    method: Method,
    path: &'static str,
    /// Nobody has to be signed in where there is none.
    role: Option<Role>,
    says: &'static str,
    parameters: Vec<Parameter>,
    body: Option<RefOr<Schema>>,
    /// What it answers with when all goes well.
    statuses: Vec<u16>,
    /// The kinds of answer there are; of JSON its schema too.
    answers: Vec<(&'static str, Option<RefOr<Schema>>)>,
    schemas: Vec<(String, RefOr<Schema>)>,
}

/// What reads nothing but is read.
pub(super) fn get(path: &'static str, says: &'static str) -> Route {
    Route::new(Method::GET, path, Role::Viewer, says)
}

pub(super) fn post(path: &'static str, says: &'static str) -> Route {
    Route::new(Method::POST, path, Role::Owner, says)
}

pub(super) fn put(path: &'static str, says: &'static str) -> Route {
    Route::new(Method::PUT, path, Role::Owner, says)
}

pub(super) fn patch(path: &'static str, says: &'static str) -> Route {
    Route::new(Method::PATCH, path, Role::Owner, says)
}

pub(super) fn delete(path: &'static str, says: &'static str) -> Route {
    Route::new(Method::DELETE, path, Role::Owner, says).status(204)
}

impl Route {
    fn new(method: Method, path: &'static str, role: Role, says: &'static str) -> Self {
        let (parameters, schemas) = (in_path(path), Vec::new());
        let (body, answers, statuses) = (None, Vec::new(), vec![200]);
        Self { method, path, role: Some(role), says, parameters, body, statuses, answers, schemas }
    }

    /// Needs no more than a viewer, although it is no reading.
    pub(super) fn viewer(self) -> Self {
        Self { role: Some(Role::Viewer), ..self }
    }

    /// Needs an owner, although it is reading.
    pub(super) fn owner(self) -> Self {
        Self { role: Some(Role::Owner), ..self }
    }

    /// Needs nobody to be signed in.
    pub(super) fn open(self) -> Self {
        Self { role: None, ..self }
    }

    pub(super) fn query<T: IntoParams>(mut self) -> Self {
        self.parameters.extend(T::into_params(|| Some(ParameterIn::Query)));
        self
    }

    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        self.body = Some(self.schema::<T>());
        self
    }

    pub(super) fn answers<T: ToSchema>(mut self) -> Self {
        let schema = self.schema::<T>();
        self.answers.push((JSON, Some(schema)));
        self
    }

    /// Answers, also, with something of which nothing is told but its kind.
    pub(super) fn answers_with(mut self, kind: &'static str) -> Self {
        self.answers.push((kind, None));
        self
    }

    pub(super) fn status(self, status: u16) -> Self {
        Self { statuses: vec![status], ..self }
    }

    /// Answers with another status too, which says something else of the same.
    pub(super) fn or_status(mut self, status: u16) -> Self {
        self.statuses.push(status);
        self
    }

    fn schema<T: ToSchema>(&mut self) -> RefOr<Schema> {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        Ref::from_schema_name(T::name()).into()
    }

    fn operation(&self) -> OperationBuilder {
        let mut answer = ResponseBuilder::new().description("as asked");
        for (kind, schema) in &self.answers {
            answer = answer.content(*kind, Content::new(schema.clone()));
        }
        let failure = Content::new(Some(Ref::from_schema_name("Failure")));
        let failure = ResponseBuilder::new().description("why not").content(JSON, failure);
        let section = self.path.split('/').nth(1).unwrap_or_default();
        let mut operation = OperationBuilder::new()
            .summary(Some(self.says))
            .tag(section)
            .operation_id(Some(self.id()))
            .parameters(Some(self.parameters.iter().cloned()))
            .response("default", failure.build());
        let answer = answer.build();
        for status in &self.statuses {
            operation = operation.response(status.to_string(), answer.clone());
        }
        if let Some(body) = &self.body {
            let body = RequestBodyBuilder::new()
                .content(JSON, Content::new(Some(body.clone())))
                .required(Some(Required::True));
            operation = operation.request_body(Some(body.build()));
        }
        if self.role.is_none() {
            operation = operation.securities(Some([SecurityRequirement::default()]));
        }
        operation
    }

    /// A name that no other row has: `get_keys_id`.
    fn id(&self) -> String {
        let path = self.path.replace(['{', '}'], "").replace(['/', '-', '.'], "_");
        format!("{}{path}", self.method.as_str().to_ascii_lowercase())
    }
}

/// The parameters of a path: what is called `id`, or ends so, is a number.
fn in_path(path: &str) -> Vec<Parameter> {
    let names = path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| {
            let kind = if name == "id" { Type::Integer } else { Type::String };
            let schema = ObjectBuilder::new().schema_type(kind).build();
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(Schema::from(schema)))
                .build()
        })
        .collect()
}

/// All rows.
pub(super) struct Table {
    gateway: Gateway,
    routes: Router,
    paths: Paths,
    schemas: BTreeMap<String, RefOr<Schema>>,
}

impl Table {
    pub(super) fn new(gateway: &Gateway) -> Self {
        let (routes, paths) = (Router::new(), Paths::new());
        let mut schemas = vec![("Failure".to_owned(), Failed::schema())];
        Failed::schemas(&mut schemas);
        let schemas = schemas.into_iter().collect();
        Self { gateway: gateway.clone(), routes, paths, schemas }
    }

    /// Adds a row.
    pub(super) fn row<H, F>(mut self, route: Route, handler: H) -> Self
    where
        H: Fn(Admin, Incoming) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Answered> + Send + 'static,
    {
        let path = format!("{PREFIX}{}", route.path);
        let operation = route.operation();
        if let Some(method) = described(&route.method) {
            self.paths.add_path_operation(&path, vec![method], operation);
        }
        self.schemas.extend(route.schemas);
        let filter = MethodFilter::try_from(route.method).unwrap_or(MethodFilter::GET);
        let dialect = Some(Dialect::Gemini);
        let served = match route.role {
            Some(role) => {
                let face = respond::face(&self.gateway, dialect, locked(role, handler));
                axum::routing::on(filter, face)
            }
            None => axum::routing::on(filter, respond::face(&self.gateway, dialect, open(handler))),
        };
        self.routes = self.routes.route(&path, served);
        self
    }

    /// The rows as routes, and the document of all of them.
    pub(super) fn finish(self) -> (Router, OpenApi) {
        let info = Info::new("Pollux admin API", env!("CARGO_PKG_VERSION"));
        let mut document = OpenApi::new(info, self.paths);
        let mut components = Components::new();
        components.schemas = self.schemas.into_iter().collect();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("the admin password, or a token that begins with sk-admin-"));
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
        let cookie = ApiKey::Cookie(ApiKeyValue::new(cookies::NAME));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
        document.components = Some(components);
        let none: [&str; 0] = [];
        let either = ["bearer", "session"].map(|name| SecurityRequirement::new(name, none));
        document.security = Some(either.into());
        (self.routes, document)
    }
}

fn described(method: &Method) -> Option<HttpMethod> {
    Some(match *method {
        Method::GET => HttpMethod::Get,
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => return None,
    })
}
