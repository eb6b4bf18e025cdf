//! Tests of what names a resource, and of what only looks like it.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn request(body: &str, want: &[&str]) {
    let found = in_request(body.as_bytes());
    assert_eq!(found.iter().map(ResourceName::as_str).collect::<Vec<_>>(), want, "{body}");
}

#[track_caller]
fn answer(body: &str, want: &[&str]) {
    let found = in_answer(body.as_bytes());
    assert_eq!(found.iter().map(ResourceName::as_str).collect::<Vec<_>>(), want, "{body}");
}

#[track_caller]
fn path(path: &str, want: Option<&str>) {
    let found = of_path(&Target::parse(path).unwrap());
    assert_eq!(found.as_ref().map(ResourceName::as_str), want, "{path}");
}

#[test]
fn a_file_is_named_by_its_name_or_its_address() {
    let part = |uri: &str| {
        format!(r#"{{"contents":[{{"parts":[{{"fileData":{{"fileUri":"{uri}"}}}}]}}]}}"#)
    };
    for uri in [
        "files/abc-1",
        "https://generativelanguage.googleapis.com/v1beta/files/abc-1",
        "https://generativelanguage.googleapis.com/v1/files/abc-1:download?alt=media",
        "https://generativelanguage.googleapis.com/download/v1beta/files/abc-1:download",
        r"https:\/\/generativelanguage.googleapis.com\/v1beta\/files\/abc-1",
    ] {
        request(&part(uri), &["files/abc-1"]);
    }
    for uri in [
        "https://www.youtube.com/watch?v=files/abc",
        "https://example.com/files/abc",
        "https://example.com/v1beta/files/abc/more",
        "https://example.com/v2/files/abc",
        "gs://bucket/v1/files/abc/x",
        "files/",
        "files/..",
        "files/a b",
        "",
    ] {
        request(&part(uri), &[]);
    }
}

#[test]
fn every_field_that_names_a_resource_is_known_in_both_spellings() {
    for (body, want) in [
        (r#"{"file_data":{"file_uri":"files/a"}}"#, "files/a"),
        (r#"{"cachedContent":"cachedContents/c"}"#, "cachedContents/c"),
        (r#"{"cached_content" : "cachedContents/c"}"#, "cachedContents/c"),
        (
            r#"{"tools":[{"fileSearch":{"fileSearchStoreNames":["fileSearchStores/s"]}}]}"#,
            "fileSearchStores/s",
        ),
        (
            r#"{"tools":[{"file_search":{"file_search_store_names":["fileSearchStores/s"]}}]}"#,
            "fileSearchStores/s",
        ),
        (r#"{"previous_interaction_id":"v1_x"}"#, "interactions/v1_x"),
        (r#"{"previousInteractionId":"v1_x"}"#, "interactions/v1_x"),
        (r#"{"agent":"researcher"}"#, "agents/researcher"),
        (r#"{"agent":"agents/researcher"}"#, "agents/researcher"),
        (r#"{"environment":"env-1"}"#, "environments/env-1"),
        (r#"{"batch":{"inputConfig":{"fileName":"files/in"}}}"#, "files/in"),
        (r#"{"batch":{"input_config":{"file_name":"files/in"}}}"#, "files/in"),
        (r#"{"fileName":"files/in"}"#, "files/in"),
        (r#"{"input":[{"type":"image","uri":"files/img"}]}"#, "files/img"),
        (r#"{"generateContentRequest":{"cachedContent":"cachedContents/c"}}"#, "cachedContents/c"),
        (r#"{"\u0066ileName":"files/in"}"#, "files/in"),
    ] {
        request(body, &[want]);
    }
}

#[test]
fn all_names_are_found_once_each() {
    request(
        r#"{"cachedContent":"cachedContents/c","contents":[{"parts":[
            {"fileData":{"fileUri":"files/b"}},{"fileData":{"fileUri":"files/a"}},
            {"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1/files/b"}}]}]}"#,
        &["cachedContents/c", "files/a", "files/b"],
    );
}

#[test]
fn what_a_function_was_called_with_names_nothing() {
    request(
        r#"{"contents":[{"parts":[{"functionCall":{"name":"f","args":{"file_name":"files/a"}}},
            {"functionResponse":{"name":"f","response":{"uri":"files/b"}}},
            {"text":"\"fileUri\":\"files/c\""}]}],
            "labels":{"uri":"files/d"}}"#,
        &[],
    );
}

#[test]
fn a_body_that_is_no_json_names_nothing_after_its_break() {
    for body in ["", "{", "\"", "\"fileUri", "{\"fileUri\":", "{\"fileUri\"}", "[\"fileUri\",:]"] {
        request(body, &[]);
    }
    request(r#"{"fileUri":"files/a","x":}"#, &["files/a"]);
}

#[test]
fn only_field_names_are_looked_for() {
    assert!(!scan::may_name(br#"{"text":"fileUri","data":"a\"uri\":b","curi":1}"#));
    assert!(scan::may_name(b"{\"uri\"\n: 1}"));
    assert!(!scan::may_name(br#"{"text":"one \\","n":["uri"]}"#));
    assert!(scan::may_name(br#"{"text":"one \\","uri":1}"#));
}

#[test]
fn an_answer_names_what_was_made() {
    for (body, want) in [
        (
            r#"{"file":{"name":"files/a","uri":"https://generativelanguage.googleapis.com/v1beta/files/a"}}"#,
            "files/a",
        ),
        (r#"{"name":"cachedContents/c","model":"models/m"}"#, "cachedContents/c"),
        (r#"{"name":"batches/b","metadata":{"name":"batches/b"}}"#, "batches/b"),
        (r#"{"name":"models/veo/operations/o"}"#, "models/veo/operations/o"),
        (r#"{"name":"fileSearchStores/s/upload/operations/o"}"#, "fileSearchStores/s"),
        (r#"{"name":"fileSearchStores/s/documents/d"}"#, "fileSearchStores/s"),
        (r#"{"id":"v1_x","object":"interaction"}"#, "interactions/v1_x"),
        (
            r#"{"interaction":{"object":"interaction","id":"v1_x"},"event_type":"interaction.created"}"#,
            "interactions/v1_x",
        ),
        (r#"{"response":{"responsesFile":"files/out"}}"#, "files/out"),
        (
            r#"{"response":{"generateVideoResponse":{"generatedSamples":[{"video":{"uri":
            "https://generativelanguage.googleapis.com/v1beta/files/vid:download?alt=media"}}]}}}"#,
            "files/vid",
        ),
    ] {
        answer(body, &[want]);
    }
    answer(r#"{"files":[{"name":"files/a"},{"name":"files/b"}]}"#, &["files/a", "files/b"]);
}

#[test]
fn an_answer_about_other_things_names_nothing() {
    for body in [
        r#"{"name":"models/gemini-3-flash"}"#,
        r#"{"name":"files/../x"}"#,
        r#"{"id":"v1_x"}"#,
        r#"{"id":7,"object":{"a":1}}"#,
        r#"{"output":{"inlinedResponses":{"inlinedResponses":[{"response":{"name":"files/a"}}]}}}"#,
        "[]",
        "<html>",
    ] {
        answer(body, &[]);
    }
}

#[test]
fn a_path_names_the_resource_that_has_an_owner() {
    path("/v1beta/files/abc", Some("files/abc"));
    path("/v1beta/files/abc:download", Some("files/abc"));
    path("/v1beta/files%2Fabc%3Adownload", Some("files/abc"));
    path("/v1beta/fileSearchStores/s/documents/d", Some("fileSearchStores/s"));
    path("/v1beta/fileSearchStores/s:importFile", Some("fileSearchStores/s"));
    path("/v1/interactions/v1_x/cancel", Some("interactions/v1_x"));
    path("/v1beta/models/veo-3/operations/o", Some("models/veo-3/operations/o"));
    path("/v1beta/tunedModels/t:generateContent", Some("tunedModels/t"));
    path("/v1beta/models/gemini-3-flash:generateContent", None);
    path("/v1beta/files", None);
    path("/v1beta/dynamic/x", None);
}

#[test]
fn a_name_says_its_collection() {
    let collection = |name| ResourceName::parse(name).unwrap().collection().to_owned();
    assert_eq!(collection("files/a"), "files");
    assert_eq!(collection("models/m/operations/o"), "operations");
    assert_eq!(ResourceName::of_upload("x").collection(), "uploads");
}

#[test]
fn what_was_made_may_be_called_by_its_id_alone() {
    let made = |body: &str| made_in("agents", body.as_bytes()).map(|name| name.to_string());
    assert_eq!(made(r#"{"id":"a-1","base_agent":"x"}"#).as_deref(), Some("agents/a-1"));
    assert_eq!(made(r#"{"id":"agents/a-1"}"#).as_deref(), Some("agents/a-1"));
    assert_eq!(made(r#"{"id":7}"#), None);
    assert_eq!(made(r#"{"name":"agents/a-1"}"#), None);
}

/// JSON with names that matter and texts that look like them, some with needless escapes.
fn document() -> impl Strategy<Value = String> {
    let words = [
        r#""fileUri""#,
        r#""\u0066ileUri""#,
        r#""cachedContent""#,
        r#""uri""#,
        r#""text""#,
        r#""a\"uri\":""#,
        r#""\\""#,
        r#""files/a""#,
        r#""files\/b""#,
        r#""cachedContents/c""#,
    ];
    let word = prop::sample::select(words.to_vec());
    let leaf = prop_oneof![word.clone().prop_map(str::to_owned), Just("1".to_owned())];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let member = (word.clone(), prop::sample::select(vec![":", " \n:"]), inner.clone());
        let member = member.prop_map(|(name, colon, value)| format!("{name}{colon}{value}"));
        prop_oneof![
            prop::collection::vec(member, 0..4).prop_map(|all| format!("{{{}}}", all.join(", "))),
            prop::collection::vec(inner, 0..4).prop_map(|all| format!("[{}]", all.join(","))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_passed_over_names_nothing(body in document()) {
        prop_assert_eq!(in_request(body.as_bytes()), walk::in_request(body.as_bytes()));
    }

    #[test]
    fn broken_bytes_name_nothing_that_cannot_be_asked_for(body in document(), at in 0..400_usize) {
        let broken = body.get(..at.min(body.len())).unwrap_or(&body);
        for name in in_request(broken.as_bytes()) {
            prop_assert_eq!(ResourceName::parse(name.as_str()), Some(name));
        }
    }
}
