"""OpenAI's own client library, against the OpenAI face."""

import openai
import pytest

from programs import MODEL


def ask(client, messages="Hello you", **more):
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    return client.chat.completions.create(model=MODEL, messages=messages, **more)


def text_of(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_a_chat_is_answered(healthy):
    answer = ask(healthy.openai())
    assert "You said: Hello you" in answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == MODEL
    assert answer.usage.prompt_tokens > 0
    used = answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.total_tokens == used


def test_a_stream_says_what_the_whole_answer_says(healthy):
    whole = ask(healthy.openai()).choices[0].message.content
    chunks = list(ask(healthy.openai(), stream=True))
    assert text_of(chunks) == whole
    assert len(chunks) > 3
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert all(chunk.usage is None for chunk in chunks)


def test_a_stream_ends_with_its_usage_when_asked(healthy):
    chunks = list(ask(healthy.openai(), stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].choices == []
    assert chunks[-1].usage.prompt_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_sampling_reaches_gemini_as_it_was_meant(healthy):
    healthy.openai().chat.completions.create(
        model="gemini-2.5-flash",
        messages=[{"role": "user", "content": "Hello you"}],
        temperature=0.5,
        top_p=0.9,
        max_completion_tokens=5000,
        stop=["END"],
        seed=7,
        presence_penalty=0.1,
        frequency_penalty=0.2,
    )
    body, request = healthy.simulator.last()
    assert body["generationConfig"] == {
        "temperature": 0.5,
        "topP": 0.9,
        "maxOutputTokens": 5000,
        "stopSequences": ["END"],
        "seed": 7,
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
    }
    assert request["path"] == "/v1beta/models/gemini-2.5-flash:generateContent"


def test_several_answers_reach_a_model_that_gives_them(healthy):
    messages = [{"role": "user", "content": "Hello you"}]
    chat = healthy.openai().chat.completions
    answer = chat.create(model="gemini-2.0-flash", messages=messages, n=2)
    assert [choice.index for choice in answer.choices] == [0, 1]
    body, _ = healthy.simulator.last()
    assert body["generationConfig"] == {"candidateCount": 2}


def test_what_was_not_asked_for_is_not_sent(healthy):
    ask(healthy.openai())
    body, _ = healthy.simulator.last()
    assert body == {"contents": [{"role": "user", "parts": [{"text": "Hello you"}]}]}


def test_only_the_gemini_key_travels_upstream(healthy):
    ask(healthy.openai())
    _, request = healthy.simulator.last()
    assert request["key_places"] == ["x-goog-api-key"]
    assert request["key"].startswith("gem-good-")
    assert "authorization" not in request["headers"]


def test_system_and_developer_messages_instruct(healthy):
    messages = [
        {"role": "system", "content": "Be short."},
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Go on"},
    ]
    ask(healthy.openai(), messages)
    body, _ = healthy.simulator.last()
    said = "\n".join(part["text"] for part in body["systemInstruction"]["parts"])
    assert said == "Be short.\nBe kind."
    turns = [(turn["role"], turn["parts"][0]["text"]) for turn in body["contents"]]
    assert turns == [("user", "Hello"), ("model", "Yes?"), ("user", "Go on")]


def test_a_picture_in_a_data_url_arrives_as_its_bytes(healthy):
    content = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    ]
    ask(healthy.openai(), [{"role": "user", "content": content}])
    body, _ = healthy.simulator.last()
    assert body["contents"][0]["parts"] == [
        {"text": "What is it?"},
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
    ]


def test_models_are_listed_and_found(healthy):
    client = healthy.openai()
    models = {model.id for model in client.models.list()}
    assert MODEL in models
    assert not any(model.startswith("models/") for model in models)
    assert client.models.retrieve(MODEL).id == MODEL


def test_a_model_that_does_not_exist_is_not_found(healthy):
    client = healthy.openai()
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("no-such-model")
    with pytest.raises(openai.NotFoundError) as raised:
        client.chat.completions.create(
            model="no-such-model", messages=[{"role": "user", "content": "Hello"}]
        )
    assert raised.value.code == "model_not_found"


def test_a_wrong_access_key_is_refused(healthy):
    before = len(healthy.simulator.requests())
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(healthy.openai(key="sk-not-this-one"))
    assert raised.value.code == "invalid_api_key"
    assert "sk-not-this-one" not in str(raised.value)
    assert len(healthy.simulator.requests()) == before


@pytest.mark.parametrize(
    ("given", "param"),
    [({"temperature": 9}, "temperature"), ({"n": 0}, "n"), ({"top_p": "much"}, "top_p")],
)
def test_a_bad_request_names_the_field(healthy, given, param):
    before = len(healthy.simulator.requests())
    with pytest.raises(openai.BadRequestError) as raised:
        ask(healthy.openai(), **given)
    assert raised.value.param == param
    assert len(healthy.simulator.requests()) == before


def test_a_role_that_does_not_exist_is_named(healthy):
    with pytest.raises(openai.BadRequestError) as raised:
        ask(healthy.openai(), [{"role": "wizard", "content": "Hello"}])
    assert raised.value.param == "messages[0].role"
    assert "wizard" in str(raised.value)


def test_a_rate_limit_says_when_to_come_back(start):
    world = start("gem-day-aaaa=quota:rpm=1,gem-day-bbbb=quota:rpm=1", POLLUX_POOL__MAX_WAIT="0s")
    ask(world.openai())
    ask(world.openai())
    with pytest.raises(openai.RateLimitError) as raised:
        ask(world.openai())
    assert raised.value.code == "rate_limit_exceeded"
    assert 1 <= int(raised.value.response.headers["retry-after"]) <= 60
    assert "gem-day" not in raised.value.response.text


def test_a_cut_stream_is_an_error_and_no_word_comes_twice(start):
    world = start("gem-cut-aaaa=cut:after=4,gem-cut-bbbb=cut:after=4")
    said = []
    with pytest.raises(openai.APIError):
        for chunk in ask(world.openai(), "one two three", stream=True):
            said.append(chunk)
    assert text_of(said) == "This is gemini-3.5-flash, simulated, "
    assert all(not chunk.choices or not chunk.choices[0].finish_reason for chunk in said)


def test_a_failing_key_is_the_gateways_business(start):
    world = start("gem-bad-aaaa=invalid,gem-good-bbbb,gem-bad-cccc=overloaded,gem-bad-dddd=html_502")
    for _ in range(4):
        assert "You said" in ask(world.openai()).choices[0].message.content
        assert "You said" in text_of(ask(world.openai(), stream=True))
    assert world.simulator.statuses() >= {200, 400}


def test_a_cut_before_the_first_word_is_not_seen(start):
    world = start("gem-cut-aaaa=cut,gem-cut-bbbb=cut:after=0,gem-good-cccc")
    for _ in range(3):
        answer = text_of(ask(world.openai(), "one two three", stream=True))
        assert answer.endswith("You said: one two three")
    assert world.simulator.calls()["gem-good-cccc"] == 3
