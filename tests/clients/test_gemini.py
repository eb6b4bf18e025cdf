"""Google's own client library, against the native face."""

import pytest
from google import genai
from google.genai import errors

from programs import MODEL


@pytest.fixture(params=["v1beta", "v1"])
def version(request):
    return request.param


def test_content_is_generated(healthy, version):
    client = healthy.gemini(version)
    answer = client.models.generate_content(model=MODEL, contents="Hello you")
    assert "You said: Hello you" in answer.text
    assert answer.usage_metadata.total_token_count > 0
    _, request = healthy.simulator.last()
    assert request["path"] == f"/{version}/models/{MODEL}:generateContent"
    assert request["key_places"] == ["x-goog-api-key"]


def test_a_stream_says_what_the_whole_answer_says(healthy, version):
    client = healthy.gemini(version)
    whole = client.models.generate_content(model=MODEL, contents="Hello you").text
    chunks = list(client.models.generate_content_stream(model=MODEL, contents="Hello you"))
    assert "".join(chunk.text or "" for chunk in chunks) == whole
    assert len(chunks) > 3


def test_a_signature_passes_untouched_within_a_project(start):
    world = start("gem-one-aaaa=ok:project=p,gem-two-bbbb=ok:project=p")
    client = world.gemini()
    parts = client.models.generate_content(model=MODEL, contents="Hello").candidates[0].content.parts
    signature = next(part.thought_signature for part in parts if part.thought_signature)
    turn = genai.types.Content(role="model", parts=parts)
    user = genai.types.Content(role="user", parts=[genai.types.Part(text="And?")])
    client.models.generate_content(model=MODEL, contents=[user, turn, user])
    body, _ = world.simulator.last()
    sent = genai.types.Content.model_validate(body["contents"][1]).parts[0]
    assert sent.thought_signature == signature


def test_settings_reach_gemini(healthy):
    config = {"temperature": 0.25, "max_output_tokens": 100, "system_instruction": "Be short."}
    healthy.gemini().models.generate_content(model=MODEL, contents="Hello", config=config)
    body, _ = healthy.simulator.last()
    assert body["generationConfig"] == {"temperature": 0.25, "maxOutputTokens": 100}
    assert body["systemInstruction"]["parts"][0]["text"] == "Be short."


def test_tokens_are_counted(healthy, version):
    counted = healthy.gemini(version).models.count_tokens(model=MODEL, contents="Hello you and me")
    assert counted.total_tokens > 0


def test_a_text_is_embedded(healthy, version):
    client = healthy.gemini(version)
    answer = client.models.embed_content(model="gemini-embedding-001", contents="Hello you")
    assert len(answer.embeddings[0].values) == 3072


def test_models_are_listed_over_all_pages(healthy, version):
    client = healthy.gemini(version)
    all_at_once = [model.name for model in client.models.list(config={"page_size": 1000})]
    in_pages = [model.name for model in client.models.list(config={"page_size": 7})]
    assert f"models/{MODEL}" in all_at_once
    assert in_pages == all_at_once


def test_a_model_is_found(healthy, version):
    assert healthy.gemini(version).models.get(model=MODEL).name == f"models/{MODEL}"


def test_a_chat_carries_its_history(healthy, version):
    chat = healthy.gemini(version).chats.create(model=MODEL)
    first = chat.send_message("One")
    second = chat.send_message("Two")
    assert "You said: One" in first.text
    assert "You said: Two" in second.text
    body, _ = healthy.simulator.last()
    assert [turn["role"] for turn in body["contents"]] == ["user", "model", "user"]


def test_a_missing_model_is_a_client_error(healthy, version):
    with pytest.raises(errors.ClientError) as raised:
        healthy.gemini(version).models.generate_content(model="no-such-model", contents="Hello")
    assert (raised.value.code, raised.value.status) == (404, "NOT_FOUND")


def test_a_bad_value_is_a_client_error(healthy):
    with pytest.raises(errors.ClientError) as raised:
        config = {"temperature": 9}
        healthy.gemini().models.generate_content(model=MODEL, contents="Hello", config=config)
    assert (raised.value.code, raised.value.status) == (400, "INVALID_ARGUMENT")


def test_a_wrong_access_key_is_refused(healthy, version):
    client = healthy.gemini(version, key="not-this-one")
    with pytest.raises(errors.ClientError) as raised:
        client.models.generate_content(model=MODEL, contents="Hello")
    assert (raised.value.code, raised.value.status) == (401, "UNAUTHENTICATED")


def test_keys_that_all_fail_are_a_server_error(start):
    world = start("gem-bad-aaaa=invalid,gem-bad-bbbb=suspended")
    with pytest.raises(errors.ServerError) as raised:
        world.gemini().models.generate_content(model=MODEL, contents="Hello")
    assert raised.value.code == 503
    assert "gem-bad" not in str(raised.value)


def test_a_failing_key_is_the_gateways_business(start):
    world = start("gem-bad-aaaa=suspended,gem-good-bbbb,gem-bad-cccc=internal,gem-bad-dddd=leaked")
    client = world.gemini()
    for _ in range(4):
        assert "You said" in client.models.generate_content(model=MODEL, contents="Hello").text
        chunks = client.models.generate_content_stream(model=MODEL, contents="Hello")
        assert "You said" in "".join(chunk.text or "" for chunk in chunks)
    assert world.simulator.statuses() >= {200, 403}


def test_a_cut_stream_never_looks_like_a_clean_stop(start):
    world = start("gem-cut-aaaa=cut:after=4")
    said = []
    with pytest.raises(errors.ServerError) as raised:
        for chunk in world.gemini().models.generate_content_stream(model=MODEL, contents="Hello"):
            said.append(chunk.text or "")
    assert raised.value.code == 503
    assert "".join(said) == "This is gemini-3.5-flash, simulated, "
