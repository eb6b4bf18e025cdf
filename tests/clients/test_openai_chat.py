"""OpenAI's own client library: structured output, media, thoughts, search, several answers."""

import base64
import enum
import http.server
import threading
from typing import Literal, Optional

import openai
import pytest
from pydantic import BaseModel, Field

from programs import MODEL

PNG = b"\x89PNG\r\n\x1a\n" + b"dot"


def ask(world, content="Hello you", **more):
    given = {"model": MODEL, "messages": [{"role": "user", "content": content}], **more}
    return world.openai().chat.completions.create(**given)


class Colour(enum.Enum):
    """A colour of the flag."""

    RED = "red"
    WHITE = "white"


class Person(BaseModel):
    """Somebody."""

    name: str = Field(description="The full name")
    age: Optional[int] = None


class Event(BaseModel):
    title: str
    kind: Literal["party", "meeting"]
    colour: Colour = Field(description="The colour of the invitation")
    host: Person = Field(description="Who invites")
    guests: list[Person]


EVENT = (
    '{"title":"Fête","kind":"party","colour":"red","host":{"name":"Ann","age":40},'
    '"guests":[{"name":"Bob","age":null},{"name":"Cid","age":7}]}'
)


@pytest.mark.parametrize("model", [MODEL, "gemini-2.5-flash"])
def test_an_answer_is_parsed_into_nested_models(healthy, model):
    messages = [{"role": "user", "content": f"say: {EVENT}"}]
    asked = {"model": model, "messages": messages, "response_format": Event}
    answer = healthy.openai().chat.completions.parse(**asked)
    event = answer.choices[0].message.parsed
    assert event == Event.model_validate_json(EVENT)
    assert event.colour is Colour.RED
    body, _ = healthy.simulator.last()
    config = body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    schema = config["responseJsonSchema"]
    assert schema["properties"]["guests"]["items"] == {"$ref": "#/$defs/Person"}
    assert schema["$defs"]["Person"]["properties"]["name"]["description"] == "The full name"
    with healthy.openai().chat.completions.stream(**asked) as events:
        seen = [it.type for it in events]
        assert events.get_final_completion().choices[0].message.parsed == event
    assert seen.count("content.delta") > 1
    assert seen.count("content.done") == 1


def test_a_schema_alone_is_answered_with_what_fits_it(healthy):
    messages = [{"role": "user", "content": "Invent an event"}]
    parse = healthy.openai().chat.completions.parse
    answer = parse(model=MODEL, messages=messages, response_format=Event)
    assert answer.choices[0].message.parsed.kind in ("party", "meeting")


def test_what_gemini_withholds_is_a_refusal(start):
    world = start("gem-blocked-aaaa=blocked_prompt")
    messages = [{"role": "user", "content": "Hello"}]
    chat = world.openai().chat.completions
    answer = chat.create(model=MODEL, messages=messages)
    assert answer.choices[0].finish_reason == "content_filter"
    assert "PROHIBITED_CONTENT" in answer.choices[0].message.refusal
    assert answer.choices[0].message.content is None
    with pytest.raises(openai.ContentFilterFinishReasonError):
        chat.parse(model=MODEL, messages=messages, response_format=Person)
    with chat.stream(model=MODEL, messages=messages) as events:
        refused = [it for it in events if it.type == "refusal.done"]
    assert ["PROHIBITED_CONTENT" in it.refusal for it in refused] == [True]


def picture(url):
    return [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
    ]


@pytest.fixture
def pictures():
    """Where a server holds `/dot.png` and nothing else."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pictures) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Pictures(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/dot.png" else 404)
        self.send_header("content-type", "image/png")
        self.send_header("content-length", str(len(PNG)))
        self.end_headers()
        self.wfile.write(PNG)

    def log_message(self, *_):
        """Says nothing."""


def test_a_picture_at_a_url_is_fetched_where_that_is_allowed(start, pictures):
    world = start("gem-good-aaaa", POLLUX_FETCH__ALLOW=pictures)
    ask(world, picture(f"http://{pictures}/dot.png"))
    body, _ = world.simulator.last()
    held = {"mimeType": "image/png", "data": base64.b64encode(PNG).decode()}
    assert body["contents"][0]["parts"][1] == {"inlineData": held}
    for place, why in [(f"{pictures}/none.png", "404"), ("127.0.0.1:9/a.png", "not a public")]:
        with pytest.raises(openai.BadRequestError) as raised:
            ask(world, picture(f"http://{place}"))
        assert raised.value.param == "messages[0].content[1].image_url.url"
        assert why in str(raised.value)


def test_sound_and_documents_arrive_as_their_bytes(healthy):
    pdf = "application/pdf"
    content = [
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:{pdf};base64,JVBERi0="}},
        {"type": "text", "text": "What is said?"},
    ]
    assert "What is said?" in ask(healthy, content).choices[0].message.content
    body, _ = healthy.simulator.last()
    assert body["contents"][0]["parts"] == [
        {"inlineData": {"mimeType": "audio/wav", "data": "UklGRg=="}},
        {"inlineData": {"mimeType": pdf, "data": "JVBERi0="}},
        {"text": "What is said?"},
    ]


@pytest.mark.parametrize(
    ("model", "effort", "want"),
    [
        (MODEL, "high", {"thinkingLevel": "HIGH", "includeThoughts": True}),
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0}),
    ],
)
def test_an_effort_becomes_what_the_family_knows(healthy, model, effort, want):
    answer = ask(healthy, "say: four", model=model, reasoning_effort=effort)
    body, _ = healthy.simulator.last()
    assert body["generationConfig"]["thinkingConfig"] == want
    message = answer.choices[0].message
    assert message.content == "four"
    assert bool(getattr(message, "reasoning_content", None)) == (effort != "none")
    assert (answer.usage.completion_tokens_details.reasoning_tokens > 0) == (effort != "none")


def test_thoughts_are_streamed_before_the_answer(healthy):
    deltas = [
        chunk.choices[0].delta
        for chunk in ask(healthy, "say: four", reasoning_effort="low", stream=True)
    ]
    thoughts = [at for at, it in enumerate(deltas) if getattr(it, "reasoning_content", None)]
    words = [at for at, it in enumerate(deltas) if it.content]
    assert thoughts and words and max(thoughts) < min(words)
    assert "".join(it.content or "" for it in deltas) == "four"


@pytest.mark.parametrize(
    "given",
    [
        {"model": f"{MODEL}-search"},
        {"web_search_options": {}},
        {"tools": [{"type": "web_search"}]},
    ],
    ids=["suffix", "options", "tool"],
)
def test_a_search_cites_where_its_sentences_come_from(healthy, given):
    said = "Grüße aus Bern. It is cold."
    message = ask(healthy, f"say: {said}", **given).choices[0].message
    body, request = healthy.simulator.last()
    assert body["tools"] == [{"googleSearch": {}}]
    assert f"/{MODEL}:" in request["path"]
    assert message.content == said
    cited = [it.url_citation for it in message.annotations]
    pieces = [said[it.start_index : it.end_index] for it in cited]
    assert pieces == ["Grüße aus Bern.", "It is cold."]
    assert all(it.url.startswith("https://") and it.title for it in cited)


@pytest.mark.parametrize("model", [MODEL, "gemini-2.0-flash"])
def test_three_answers_come_whole_and_streamed(healthy, model):
    whole = ask(healthy, "say: a b c", model=model, n=3)
    assert [it.index for it in whole.choices] == [0, 1, 2]
    assert [it.message.content for it in whole.choices] == ["a b c"] * 3
    said, ended = ["", "", ""], []
    for chunk in ask(healthy, "say: a b c", model=model, n=3, stream=True):
        for choice in chunk.choices:
            said[choice.index] += choice.delta.content or ""
            ended += [choice.index] if choice.finish_reason else []
    assert said == ["a b c"] * 3
    assert sorted(ended) == [0, 1, 2]


def test_log_probabilities_are_asked_for_where_the_family_has_them(healthy):
    ask(healthy, model="gemini-2.5-flash", logprobs=True, top_logprobs=3)
    body, _ = healthy.simulator.last()
    assert body["generationConfig"] == {"responseLogprobs": True, "logprobs": 3}
    chat = healthy.openai().chat.completions.with_raw_response
    raw = chat.create(
        model=MODEL, messages=[{"role": "user", "content": "Hi"}], logprobs=True, top_logprobs=3
    )
    assert raw.headers["x-pollux-ignored"] == "logprobs, top_logprobs"
    assert raw.parse().choices[0].logprobs is None
    body, _ = healthy.simulator.last()
    assert "generationConfig" not in body


def test_an_answer_that_the_client_began_is_continued(healthy):
    messages = [
        {"role": "user", "content": "Count"},
        {"role": "assistant", "content": "One, two,"},
    ]
    chat = healthy.openai().chat.completions
    assert chat.create(model="gemini-2.5-flash", messages=messages).choices[0].message.content
    body, _ = healthy.simulator.last()
    assert body["contents"][-1] == {"role": "model", "parts": [{"text": "One, two,"}]}
    # A model that takes no such end is asked to go on instead.
    assert chat.create(model=MODEL, messages=messages).choices[0].message.content
    body, _ = healthy.simulator.last()
    assert [it["role"] for it in body["contents"]] == ["user", "model", "user"]


def test_what_has_no_effect_is_named_or_refused(healthy):
    chat = healthy.openai().chat.completions
    given = {"messages": [{"role": "user", "content": "Hi"}], "user": "me", "logit_bias": {"5": 1}}
    raw = chat.with_raw_response.create(model=MODEL, **given)
    assert raw.headers["x-pollux-ignored"] == "logit_bias, user"
    with pytest.raises(openai.BadRequestError) as raised:
        chat.create(model=MODEL, **given, extra_headers={"x-pollux-strict": "true"})
    assert raised.value.param == "logit_bias"
    assert "user" in str(raised.value)


def test_what_only_google_has_travels_in_extra_body(healthy):
    google = {"thinking_config": {"thinking_level": "low", "include_thoughts": True}}
    answer = ask(healthy, "say: x", extra_body={"extra_body": {"google": google}})
    assert answer.choices[0].message.reasoning_content
    body, _ = healthy.simulator.last()
    config = body["generationConfig"]["thinkingConfig"]
    assert config == {"thinkingLevel": "LOW", "includeThoughts": True}


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"response_format": {"type": "yaml"}}, "response_format.type"),
        ({"reasoning_effort": "heroic"}, "reasoning_effort"),
        ({"modalities": ["audio"], "audio": {"voice": "a", "format": "wav"}}, "modalities"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "hologram"}]}]},
         "messages[0].content[0].type"),
    ],
)
def test_a_bad_request_names_the_field(healthy, given, param):
    with pytest.raises(openai.BadRequestError) as raised:
        ask(healthy, **given)
    assert raised.value.param == param
    assert raised.value.type == "invalid_request_error"


def test_the_sdks_own_retries_end_well(start):
    world = start("gem-once-aaaa=overloaded*1+ok", POLLUX_POOL__MAX_ATTEMPTS="1")
    client = world.openai().with_options(max_retries=2)
    answer = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "say: back"}]
    )
    assert answer.choices[0].message.content == "back"
    assert world.simulator.calls() == {"gem-once-aaaa": 2}
