//! Any chat request that Gemini can be asked, with fields sprinkled in that mean nothing to it.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value};

/// Makes an object; fields that are null are left out.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let set = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(set.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// One message or several that belong together.
type Messages = Vec<Value>;

pub(super) fn request() -> impl Strategy<Value = Value> {
    let model = select(vec!["gemini-3.8-flash", "gemini-2.5-flash", "gemini-2.0-flash"]);
    let known = (model, conversation(), tools(), fields());
    (known, option::of(unknown())).prop_map(|((model, messages, tools, fields), unknown)| {
        let mut request = Map::new();
        request.insert("model".to_owned(), model.into());
        request.insert("messages".to_owned(), messages.into());
        request.extend(tools);
        request.extend(fields);
        let mut request = Value::Object(request);
        if let Some((place, name)) = unknown {
            sprinkle(&mut request, place, &name);
        }
        request
    })
}

/// Puts a field that means nothing into one of the objects of a request.
fn sprinkle(request: &mut Value, place: usize, name: &str) {
    let paths = [
        "",
        "/messages/0",
        "/messages/1",
        "/messages/0/content/0",
        "/messages/0/content/0/image_url",
        "/messages/1/tool_calls/0",
        "/tools/0",
        "/tools/0/function",
        "/response_format/json_schema",
    ];
    if let Some(Value::Object(object)) = request.pointer_mut(paths[place % paths.len()]) {
        object.entry(name).or_insert_with(|| "x".into());
    }
}

fn unknown() -> impl Strategy<Value = (usize, String)> {
    let names = ["user", "detail", "x_new", "name", "refusal", "tool_call_id"];
    let name = select(names.to_vec());
    (0..9_usize, name.prop_map(str::to_owned))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z ]{1,6}", "[\\\\\"\u{e9}\n{}a]{1,5}"]
}

/// A name as clients give them to functions; not every one is taken by Gemini.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,6}", "[a-z]{1,3}[ /.:-][a-z]{1,3}", "[0-9\u{5929}][a-z]{2}", "m[a-z_]{65}"]
}

fn conversation() -> impl Strategy<Value = Messages> {
    let turn = prop_oneof![
        2 => content().prop_map(|said| vec![message("user", said)]),
        1 => (select(vec!["system", "developer"]), words())
            .prop_map(|(role, said)| vec![message(role, said)]),
        2 => spoken(),
        2 => step(),
    ];
    vec(turn, 0..5).prop_map(|turns| {
        let mut messages = turns.concat();
        if messages.iter().all(|it| it["role"] == "system" || it["role"] == "developer") {
            messages.push(message("user", "Hi".into()));
        }
        // Ids are unique in a conversation, whichever its steps are.
        let mut step = 0;
        for message in &mut messages {
            step += usize::from(message["tool_calls"].is_array());
            let rename = |id: &mut Value| *id = format!("{}_{step}", id.as_str().unwrap()).into();
            message.get_mut("tool_call_id").into_iter().for_each(rename);
            let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
            calls.into_iter().flatten().for_each(|call| rename(&mut call["id"]));
        }
        messages
    })
}

fn message(role: &str, content: Value) -> Value {
    object([("role", role.into()), ("content", content)])
}

/// A text, whole or in parts.
fn words() -> impl Strategy<Value = Value> {
    let part = text().prop_map(|said| object([("type", "text".into()), ("text", said.into())]));
    prop_oneof![text().prop_map(Value::from), vec(part, 1..3).prop_map(Value::from)]
}

fn content() -> impl Strategy<Value = Value> {
    prop_oneof![words(), vec(part(), 1..3).prop_map(Value::from)]
}

fn part() -> impl Strategy<Value = Value> {
    let url = select(vec!["data:image/png;base64,AAAA", "gs://bucket/a.png", "https://youtu.be/a"]);
    let detail = option::of(Just("low"));
    prop_oneof![
        text().prop_map(|said| object([("type", "text".into()), ("text", said.into())])),
        (url, detail).prop_map(|(url, detail)| {
            let url = object([("url", url.into()), ("detail", detail.into())]);
            object([("type", "image_url".into()), ("image_url", url)])
        }),
        select(vec!["wav", "mp3"]).prop_map(|format| {
            let audio = object([("data", "UklG".into()), ("format", format.into())]);
            object([("type", "input_audio".into()), ("input_audio", audio)])
        }),
        any::<bool>().prop_map(|by_id| {
            let file = if by_id {
                object([("file_id", "files/abc".into())])
            } else {
                object([("file_data", "JVBE".into()), ("filename", "a.pdf".into())])
            };
            object([("type", "file".into()), ("file", file)])
        }),
    ]
}

fn signature() -> impl Strategy<Value = Value> {
    option::of(Just("c2ln")).prop_map(|signature| match signature {
        Some(signature) => object([(
            "extra_content",
            object([("google", object([("thought_signature", signature.into())]))]),
        )])["extra_content"]
            .clone(),
        None => Value::Null,
    })
}

/// What the assistant said.
fn spoken() -> impl Strategy<Value = Messages> {
    (words(), signature()).prop_map(|(said, signature)| {
        let role = ("role", "assistant".into());
        vec![object([role, ("content", said), ("extra_content", signature)])]
    })
}

/// Calls and their results, in any order, perhaps with a word between them.
fn step() -> impl Strategy<Value = Messages> {
    let one = (name(), arguments(), any::<bool>(), signature(), result());
    let said = option::of(text());
    (said, vec(one, 1..4), any::<Index>(), option::of(text())).prop_map(
        |(said, calls, order, between)| {
            let mut results = Vec::new();
            let mut called = Vec::new();
            for (at, (name, arguments, custom, signature, result)) in calls.into_iter().enumerate()
            {
                let id = format!("call_{at}");
                called.push(call(&id, &name, &arguments, custom, signature));
                let role = ("role", "tool".into());
                results.push(object([role, ("tool_call_id", id.into()), ("content", result)]));
            }
            let middle = order.index(results.len());
            results.rotate_left(middle);
            let between = between.map(|said| message("user", said.into()));
            results.splice(middle..middle, between);
            let role = ("role", "assistant".into());
            let turn = object([role, ("content", said.into()), ("tool_calls", called.into())]);
            std::iter::once(turn).chain(results).collect()
        },
    )
}

fn call(id: &str, name: &str, arguments: &str, custom: bool, signature: Value) -> Value {
    let (kind, field) = if custom { ("custom", "input") } else { ("function", "arguments") };
    let inner = object([("name", name.into()), (field, arguments.into())]);
    object([("id", id.into()), ("type", kind.into()), (kind, inner), ("extra_content", signature)])
}

fn arguments() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("{}".to_owned()),
        Just(String::new()),
        text().prop_map(|text| format!("{{ \"x\": {} }}", Value::from(text))),
        "[a-z]{1,4}",
    ]
}

fn result() -> impl Strategy<Value = Value> {
    prop_oneof![
        content(),
        Just(Value::from(r#"{ "a": [1.50, null] }"#)),
        Just(Value::from("[1, \"b\"]")),
        Just(Value::from("")),
    ]
}

/// Tools with different names, and a choice among them.
fn tools() -> impl Strategy<Value = Map<String, Value>> {
    let about = option::of(Just("about"));
    let function = (name(), about, 0..3_u8).prop_map(|(name, about, kind)| {
        let schema: Value = match kind {
            0 => Value::Null,
            _ => serde_json::from_str(r#"{"type":"object","properties":{"x":{}}}"#).unwrap(),
        };
        let strict = if kind == 2 { true.into() } else { Value::Null };
        let about = ("description", Value::from(about));
        let inner = [("name", name.into()), about, ("parameters", schema), ("strict", strict)];
        object([("type", "function".into()), ("function", object(inner))])
    });
    let custom = name().prop_map(|name| {
        object([("type", "custom".into()), ("custom", object([("name", name.into())]))])
    });
    let google = select(vec!["google_search", "url_context", "code_execution"])
        .prop_map(|kind| object([("type", kind.into())]));
    let tool = prop_oneof![3 => function, 1 => custom, 1 => google];
    (vec(tool, 0..4), 0..6_u8).prop_map(|(mut tools, choice)| {
        for (at, tool) in tools.iter_mut().enumerate() {
            for kind in ["function", "custom"] {
                if let Some(name) = tool.pointer_mut(&format!("/{kind}/name")) {
                    *name = format!("{}{at}", name.as_str().unwrap()).into();
                }
            }
        }
        let mut fields = Map::new();
        fields.extend(chosen(&tools, choice).map(|choice| ("tool_choice".to_owned(), choice)));
        if !tools.is_empty() {
            fields.insert("tools".to_owned(), tools.into());
        }
        fields
    })
}

fn chosen(tools: &[Value], choice: u8) -> Option<Value> {
    let is_function = |tool: &&Value| tool["type"] == "function";
    let function = tools.iter().find(is_function);
    match choice {
        0 => Some("none".into()),
        1 => Some("auto".into()),
        2 => function.map(|_| "required".into()),
        3 => {
            let named = object([("name", function?["function"]["name"].clone())]);
            Some(object([("type", "function".into()), ("function", named)]))
        }
        4 => {
            function?;
            let named = |tool: &Value| {
                let inner = object([("name", tool["function"]["name"].clone())]);
                object([("type", "function".into()), ("function", inner)])
            };
            let named: Vec<Value> = tools.iter().filter(is_function).map(named).collect();
            let allowed = object([("mode", "required".into()), ("tools", named.into())]);
            Some(object([("type", "allowed_tools".into()), ("allowed_tools", allowed)]))
        }
        _ => None,
    }
}

/// What shapes the answer.
fn fields() -> impl Strategy<Value = Map<String, Value>> {
    let effort = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
    let tier = ["auto", "default", "standard", "flex", "priority", "scale"];
    let formats = [
        r#"{"type":"text"}"#,
        r#"{"type":"json_object"}"#,
        r#"{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object"}}}"#,
        r#"{"type":"json_schema","json_schema":{"description":"d","schema":{"type":"array"}}}"#,
    ];
    let number = |values: [&'static str; 3]| {
        select(values.to_vec()).prop_map(|it| serde_json::from_str::<Value>(it).unwrap())
    };
    let stops = vec("[a-z]{1,2}".prop_map(Value::from), 0..7).prop_map(Value::from);
    let field = |name: &str| Just(name.to_owned());
    let one = prop_oneof![
        (field("temperature"), number(["0", "0.10", "2.0"])),
        (field("top_p"), number(["0", "0.95", "1"])),
        (field("top_k"), number(["0", "1", "40"])),
        (field("seed"), number(["0", "-7", "2147483647"])),
        (field("n"), number(["1", "2", "8"])),
        (field("presence_penalty"), number(["0", "0.0", "-2"])),
        (field("frequency_penalty"), number(["0", "0.5", "2"])),
        (field("max_tokens"), number(["2048", "3000", "65536"])),
        (field("max_completion_tokens"), number(["2048", "3000", "65536"])),
        (field("stop"), prop_oneof![stops, Just(Value::from("END"))]),
        (field("logprobs"), any::<bool>().prop_map(Value::from)),
        (field("stream"), any::<bool>().prop_map(Value::from)),
        (field("reasoning_effort"), select(effort.to_vec()).prop_map(Value::from)),
        (field("service_tier"), select(tier.to_vec()).prop_map(Value::from)),
        (
            field("response_format"),
            select(formats.to_vec()).prop_map(|it| serde_json::from_str(it).unwrap())
        ),
    ];
    (vec(one, 0..6), any::<bool>()).prop_map(|(fields, alternatives)| {
        let mut fields: Map<String, Value> = fields.into_iter().collect();
        if alternatives && fields.get("logprobs") == Some(&Value::Bool(true)) {
            fields.insert("top_logprobs".to_owned(), 3.into());
        }
        fields
    })
}
