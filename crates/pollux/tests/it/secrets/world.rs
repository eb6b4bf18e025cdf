//! A program whose every word is kept: each answer, its log, its files, and what reached Gemini.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use http::Method;
use pollux_simulator::Running;
use pollux_testkit::{Request, Whole};

use super::search::Searcher;
use crate::program::Program;

/// The name of what is said in prompts and answers, which callers alone may read.
pub(super) const WORDS: &str = "the words of a prompt";

/// The name of what admits to the rest of an upload.
pub(super) const UPLOAD: &str = "the id of an upload";

/// A program, and what is known of it.
pub(super) struct World {
    program: Option<Program>,
    pub(super) gemini: Running,
    /// What the admin API takes.
    pub(super) admin: String,
    records: RefCell<Vec<Record>>,
    secrets: RefCell<Vec<(String, Vec<u8>)>>,
    /// Operations of the admin API that were asked for.
    asked: RefCell<BTreeSet<String>>,
}

/// Something that left the program.
struct Record {
    place: String,
    bytes: Vec<u8>,
    /// The secrets that belong there.
    shown: Vec<String>,
}

impl World {
    pub(super) fn new(program: Program, gemini: Running) -> Self {
        Self {
            program: Some(program),
            gemini,
            admin: String::new(),
            records: RefCell::default(),
            secrets: RefCell::default(),
            asked: RefCell::default(),
        }
    }

    pub(super) fn program(&self) -> &Program {
        self.program.as_ref().unwrap()
    }

    /// Stops the program, and returns all that it said: on the terminal, and in the log.
    pub(super) fn stop(&mut self) -> (String, String) {
        self.program.take().unwrap().stop()
    }

    /// Keeps a secret, to be looked for at the end.
    pub(super) fn know(&self, name: &str, secret: impl AsRef<[u8]>) {
        self.secrets.borrow_mut().push((name.to_owned(), secret.as_ref().to_vec()));
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        self.secrets.borrow().iter().any(|(known, _)| known == name)
    }

    /// Keeps something that left the program.
    pub(super) fn keep(&self, place: &str, bytes: impl Into<Vec<u8>>, shown: &[&str]) {
        let shown = shown.iter().map(|name| (*name).to_owned()).collect();
        self.records.borrow_mut().push(Record {
            place: place.to_owned(),
            bytes: bytes.into(),
            shown,
        });
    }

    pub(super) fn keep_answer(&self, place: &str, answer: &Whole, shown: &[&str]) {
        let mut bytes = format!("{}\n", answer.status).into_bytes();
        for (name, value) in &answer.headers {
            bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
        }
        bytes.extend_from_slice(&answer.body);
        self.keep(place, bytes, shown);
    }

    /// A request of a caller, without any credential yet.
    pub(super) fn request(&self, method: Method, target: &str, body: &str) -> Request {
        let request = Request::new(self.program().address, method, target, body.to_owned().into());
        let number = self.records.borrow().len();
        let from = format!("198.18.{}.{}", number / 200, 1 + number % 200);
        request.anonymous().header("x-forwarded-for", &from)
    }

    /// Asks as a caller does, who may read his own words.
    pub(super) async fn call(&self, request: &Request) -> Whole {
        let answer = request.whole().await;
        self.keep_answer(&format!("{request:?}"), &answer, &[WORDS]);
        answer
    }

    /// Asks the admin API, in whose answers no secret belongs.
    pub(super) async fn admin(&self, operation: &str, id: &str, body: &str) -> Whole {
        self.admin_showing(operation, id, body, &[]).await
    }

    /// Asks the admin API for what holds some secrets.
    pub(super) async fn admin_showing(
        &self,
        operation: &str,
        id: &str,
        body: &str,
        shown: &[&str],
    ) -> Whole {
        let answer = self.admin_request(operation, id, body).whole().await;
        self.keep_answer(operation, &answer, shown);
        answer
    }

    /// Asks the admin API for something that makes or shows a secret, and keeps that.
    pub(super) async fn reveal(&self, operation: &str, id: &str, body: &str, name: &str) -> String {
        let answer = self.admin_showing(operation, id, body, &[name]).await;
        let document = answer.json();
        let secret = document["secret"].as_str();
        let secret = secret.unwrap_or_else(|| panic!("{operation}: {}", answer.text()));
        self.know(name, secret);
        secret.to_owned()
    }

    pub(super) fn admin_request(&self, operation: &str, id: &str, body: &str) -> Request {
        let (method, path) = operation.split_once(' ').unwrap();
        let plain = path.split('?').next().unwrap();
        self.asked.borrow_mut().insert(format!("{method} {plain}"));
        let target = format!("/admin/api{}", path.replace("{id}", id));
        let request = self.request(method.parse().unwrap(), &target, body);
        request.header("authorization", &format!("Bearer {}", self.admin))
    }

    /// Asks for whatever else the document names, so that no operation is left out.
    pub(super) async fn ask_for_the_rest(&self) {
        let document = self.admin("GET /openapi.json", "", "").await.json();
        for (path, operations) in document["paths"].as_object().unwrap() {
            let path = path.strip_prefix("/admin/api").unwrap();
            for method in operations.as_object().unwrap().keys() {
                let operation = format!("{} {path}", method.to_uppercase());
                let is_new = !self.asked.borrow().contains(&operation);
                if is_new {
                    self.admin(&operation, "999", if method == "get" { "" } else { "{}" }).await;
                }
            }
        }
    }

    /// Keeps every file below a directory as it is now.
    pub(super) fn keep_files(&self, directory: &Path, when: &str, shown: &[(&str, &str)]) {
        let files = files(directory);
        assert!(files.iter().any(|file| file.ends_with("pollux.db")), "{files:?}");
        for file in files {
            let shown: Vec<&str> =
                shown.iter().filter(|(name, _)| file.ends_with(name)).map(|(_, it)| *it).collect();
            let bytes = fs::read(&file).unwrap();
            self.keep(&format!("{} {when}", file.display()), bytes, &shown);
        }
    }

    /// Keeps what reached Gemini, but for the one header that holds a key.
    pub(super) fn keep_calls(&self) {
        let calls = self.gemini.simulator.requests();
        assert!(calls.len() > 20, "{} calls", calls.len());
        for call in calls {
            if call.key.is_some() {
                assert_eq!(call.key_places, ["x-goog-api-key"], "{} {}", call.method, call.path);
            }
            let (method, path, query) = (&call.method, &call.path, &call.query);
            let head = format!("{method} {path}?{query}\n{:?}\n", call.headers).into_bytes();
            let is_upload = query.contains("upload_id=");
            let shown: &[&str] = if is_upload { &[WORDS, UPLOAD] } else { &[WORDS] };
            self.keep("what reached Gemini", [head, call.body.to_vec()].concat(), shown);
        }
    }

    /// Looks for every secret everywhere: it stands where it belongs, and nowhere else.
    pub(super) fn search(&self) {
        let (secrets, records) = (self.secrets.borrow(), self.records.borrow());
        let of = |(name, secret): &'_ (String, Vec<u8>)| (name.clone(), secret.clone());
        let secrets: Vec<_> = secrets.iter().map(of).collect();
        let known = secrets.iter().map(|(name, secret)| (name.as_str(), secret.as_slice()));
        let searcher = Searcher::new(known);
        let mut faults = Vec::new();
        for Record { place, bytes, shown } in records.iter() {
            let found = searcher.find(bytes);
            let is_shown = |name: &str| shown.iter().any(|it| it == name);
            for (name, form) in found.iter().filter(|(name, _)| !is_shown(name)) {
                faults.push(format!("{name} is in {place}, {form}"));
            }
            for name in shown.iter().filter(|name| *name != WORDS) {
                if found.iter().all(|(it, _)| it != name) {
                    faults.push(format!("{name} should be in {place}"));
                }
            }
        }
        assert!(faults.is_empty(), "{} places: {faults:#?}", faults.len());
        eprintln!("{} secrets are in none of {} places", secrets.len(), records.len());
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
