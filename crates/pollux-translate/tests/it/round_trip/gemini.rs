//! The normal form of Gemini's request, told in OpenAI's words again.

use std::collections::BTreeSet;

use pollux_translate::gemini::family::Family;
use pollux_translate::gemini::response::Response;
use pollux_translate::gemini::signature::SENTINEL;
use pollux_translate::openai::chat::{self, Context};
use serde_json::{Map, Value};

use super::Fields;

const OPENING: &str = "user: text \"Begin.\"";
const CONTINUE: &str = "user: text \"Continue your last message exactly where it stops, without \
                        repeating any of it.\"";
const ANSWER_JSON: &str =
    "When you do not call a function, answer with one JSON value and nothing else.";
const FIT: &str = " It has to fit this JSON Schema: ";

/// Writes a request down, line by line.
pub(super) fn normal(
    request: &Value,
    times: u32,
    family: &Family,
    context: &Context,
) -> Vec<String> {
    let mut fields = Fields::of(request);
    let mut config = fields.object("generationConfig");
    let mut instructions = fields.object("systemInstruction").list("parts");
    let format = format(&mut instructions, &mut config);
    let mut lines: Vec<String> =
        instructions.iter().map(|it| format!("system: {}", part(it))).collect();
    lines.extend(conversation(&fields.list("contents"), family, context));
    tools(&mut fields, context, &mut lines);
    lines.extend(format);
    sampling(config, times, &mut lines);
    let tier = fields.text("serviceTier");
    lines.extend((!tier.is_empty()).then(|| format!("tier = {tier}")));
    fields.end("request", &mut lines);
    lines
}

fn conversation(contents: &[Value], family: &Family, context: &Context) -> Vec<String> {
    let mut lines = Vec::new();
    for content in contents {
        let who = content["role"].as_str().unwrap_or_default();
        for part in content["parts"].as_array().into_iter().flatten() {
            lines.push(said(who, part, context));
        }
    }
    // What was put in so that Gemini takes the conversation.
    if lines.first().is_some_and(|line| line == OPENING) {
        lines.remove(0);
    }
    if !family.prefills && lines.last().is_some_and(|line| line == CONTINUE) {
        lines.pop();
    }
    lines
}

fn said(who: &str, said: &Value, context: &Context) -> String {
    let mut fields = Fields::of(said);
    let signature = fields.text("thoughtSignature");
    let signed = match signature.as_str() {
        "" | SENTINEL => String::new(),
        signature => format!(" signed {signature}"),
    };
    if said["functionCall"].is_object() {
        let call = back(&said["functionCall"], context);
        return format!("model: call {call}{signed}");
    }
    let mut answer = fields.object("functionResponse");
    if !answer.0.is_empty() {
        let (id, name) = (answer.text("id"), client_name(&answer.text("name"), context));
        let response = answer.take("response");
        let value = if response.as_object().is_some_and(|it| it.len() == 1) {
            response.get("output").unwrap_or(&response)
        } else {
            &response
        };
        let media: Vec<String> = answer.list("parts").iter().map(part).collect();
        return format!("tool: {id} {name:?} {value} {media:?}");
    }
    format!("{who}: {}{signed}", part(said))
}

fn part(part: &Value) -> String {
    if let Some(said) = part["text"].as_str() {
        return format!("text {said:?}");
    }
    let inline = &part["inlineData"];
    if inline.is_object() {
        return format!("inline {} {}", text(&inline["mimeType"]), text(&inline["data"]));
    }
    format!("file {}", text(&part["fileData"]["fileUri"]))
}

/// Tells a call to the client of the request, and writes down what he gets.
fn back(call: &Value, context: &Context) -> String {
    let told = told(call, context);
    let id = told["id"].as_str().unwrap_or_default();
    let id = if call["id"].is_null() { "" } else { id };
    if told["type"] == "custom" {
        let (name, input) = (text(&told["custom"]["name"]), &told["custom"]["input"]);
        return format!("{id} {name:?} {{\"input\":{input}}}");
    }
    let args = told["function"]["arguments"].as_str().unwrap_or_default();
    let args: Value = serde_json::from_str(args).unwrap();
    let args = match args["raw_arguments"].as_str() {
        Some(text) => format!("text {text:?}"),
        None => args.to_string(),
    };
    let name = told["function"]["name"].as_str().unwrap_or_default();
    format!("{id} {name:?} {args}")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn client_name(name: &str, context: &Context) -> String {
    let mut call = Map::new();
    call.insert("name".to_owned(), name.into());
    let told = told(&Value::Object(call), context);
    let kind = told["type"].as_str().unwrap_or_default();
    told[kind]["name"].as_str().unwrap_or_default().to_owned()
}

/// Returns a call as an answer to the request tells it.
fn told(call: &Value, context: &Context) -> Value {
    let body =
        format!(r#"{{"candidates":[{{"content":{{"parts":[{{"functionCall":{call}}}]}}}}]}}"#);
    let answer = Response::parse(body.as_bytes()).unwrap();
    let told = chat::from_gemini(&[answer], context).unwrap();
    let mut told: Value = serde_json::from_slice(&told.body).unwrap();
    told["choices"][0]["message"]["tool_calls"][0].take()
}

fn tools(fields: &mut Fields, context: &Context, lines: &mut Vec<String>) {
    let mut google = BTreeSet::new();
    let mut config = fields.object("toolConfig");
    for tool in fields.list("tools") {
        let mut tool = Fields::of(&tool);
        for declared in tool.list("functionDeclarations") {
            let mut declared = Fields::of(&declared);
            let upstream = declared.text("name");
            let mut call = Map::new();
            call.insert("name".to_owned(), upstream.as_str().into());
            let kind = told(&Value::Object(call), context)["type"].take();
            let (kind, name) = (kind.as_str().unwrap(), client_name(&upstream, context));
            let (about, mut schema) =
                (declared.take("description"), declared.take("parametersJsonSchema"));
            if kind == "custom" {
                assert_eq!(schema["required"][0], "input");
                schema = Value::Null;
            }
            lines.push(format!("offer: {kind} {name:?} {about} {schema}"));
            declared.end("offer", lines);
        }
        for (name, client) in [
            ("googleSearch", "google_search"),
            ("urlContext", "url_context"),
            ("codeExecution", "code_execution"),
        ] {
            if tool.take(name).is_object() {
                google.insert(format!("offer: {client}"));
            }
        }
        tool.end("offer", lines);
    }
    let mut calling = config.object("functionCallingConfig");
    let names = calling.list("allowedFunctionNames");
    let names: Vec<String> =
        names.iter().map(|name| client_name(name.as_str().unwrap(), context)).collect();
    match calling.text("mode").as_str() {
        "" => {}
        "NONE" => lines.push("choice: none".to_owned()),
        "ANY" => lines.push(format!("choice: required {names:?}")),
        "VALIDATED" => lines.push("choice: strict".to_owned()),
        other => lines.push(format!("choice: {other}?")),
    }
    // Said where tools of both kinds are offered.
    drop(config.take("includeServerSideToolInvocations"));
    config.end("toolConfig", lines);
    lines.extend(google);
}

/// Reads the form of the answer, which may stand among the instructions.
fn format(instructions: &mut Vec<Value>, config: &mut Fields) -> Option<String> {
    let last = instructions.last().and_then(|part| part["text"].as_str()).unwrap_or_default();
    if let Some(rest) = last.strip_prefix(ANSWER_JSON) {
        let schema = rest.strip_prefix(FIT).unwrap_or("null");
        let schema: Value = serde_json::from_str(schema).unwrap();
        instructions.pop();
        return Some(format!("format: json {schema}"));
    }
    let schema = config.take("responseJsonSchema");
    (config.text("responseMimeType") == "application/json")
        .then(|| format!("format: json {schema}"))
}

fn sampling(mut config: Fields, times: u32, lines: &mut Vec<String>) {
    for (name, client) in [
        ("temperature", "temperature"),
        ("topP", "top_p"),
        ("topK", "top_k"),
        ("seed", "seed"),
        ("logprobs", "top_logprobs"),
    ] {
        let value = config.take(name);
        lines.extend((!value.is_null()).then(|| format!("{client} = {value}")));
    }
    for (name, client) in
        [("presencePenalty", "presence_penalty"), ("frequencyPenalty", "frequency_penalty")]
    {
        let value = config.take(name).as_f64().unwrap_or_default();
        lines.extend((value != 0.0).then(|| format!("{client} = {value}")));
    }
    let limit = config.take("maxOutputTokens");
    lines.extend((!limit.is_null()).then(|| format!("max_tokens = {limit}")));
    lines.extend(config.list("stopSequences").iter().map(|stop| format!("stop = {stop}")));
    let count = config.take("candidateCount").as_i64().unwrap_or(1).max(times.into());
    lines.extend((count > 1).then(|| format!("n = {count}")));
    lines.extend((config.take("responseLogprobs") == true).then(|| "logprobs".to_owned()));
    let thinking = config.take("thinkingConfig");
    lines.extend((!thinking.is_null()).then(|| format!("thinking = {thinking}")));
    config.end("generationConfig", lines);
}
