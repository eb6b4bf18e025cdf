"""Google's own client library, for what belongs to the project that made it."""

import io

import pytest
from google.genai import errors, types

from programs import MODEL

PART = 8 * 1024 * 1024


@pytest.fixture(params=["v1beta", "v1"])
def client(request, healthy):
    return healthy.gemini(request.param)


def upload(client, content, **config):
    config = {"mime_type": "text/plain", **config}
    return client.files.upload(file=io.BytesIO(content), config=config)


def keys_since(healthy, before):
    return {request["key"] for request in healthy.simulator.requests()[before:]}


def test_a_file_is_uploaded_used_and_deleted(healthy, client):
    before = len(healthy.simulator.requests())
    file = upload(client, b"hello", display_name="greeting")
    assert (file.size_bytes, file.display_name, file.state.name) == (5, "greeting", "ACTIVE")
    for _ in range(4):
        assert client.files.get(name=file.name).uri == file.uri
        answer = client.models.generate_content(model=MODEL, contents=[file, "say: read it"])
        assert answer.text == "read it"
    assert client.models.count_tokens(model=MODEL, contents=[file, "x"]).total_tokens > 0
    client.files.delete(name=file.name)
    assert len(keys_since(healthy, before)) == 1, "one project did all of it"
    with pytest.raises(errors.ClientError) as raised:
        client.files.get(name=file.name)
    assert raised.value.code == 403


def test_files_of_all_projects_are_listed(client):
    made = {upload(client, b"x").name for _ in range(3)}
    listed = [file.name for file in client.files.list(config={"page_size": 1})]
    assert made <= set(listed)
    assert len(listed) == len(set(listed))
    for name in made:
        client.files.delete(name=name)


def test_a_cache_is_made_used_changed_and_deleted(healthy, client):
    before = len(healthy.simulator.requests())
    cache = client.caches.create(model=MODEL, config={"contents": "long", "ttl": "300s"})
    for _ in range(3):
        answer = client.models.generate_content(
            model=MODEL, contents="say: cached", config={"cached_content": cache.name}
        )
        assert answer.text == "cached"
        assert client.caches.get(name=cache.name).name == cache.name
    changed = client.caches.update(name=cache.name, config={"ttl": "900s"})
    assert changed.expire_time > cache.expire_time
    client.caches.delete(name=cache.name)
    assert len(keys_since(healthy, before)) == 1
    assert cache.name not in [one.name for one in client.caches.list()]


def test_a_batch_is_made_and_looked_at(healthy, client):
    before = len(healthy.simulator.requests())
    source = [{"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}]
    batch = client.batches.create(model=MODEL, src=source)
    for _ in range(3):
        seen = client.batches.get(name=batch.name)
        assert seen.state == types.JobState.JOB_STATE_SUCCEEDED
    client.batches.cancel(name=batch.name)
    assert len(keys_since(healthy, before)) == 1
    assert batch.name in [one.name for one in client.batches.list()]
    client.batches.delete(name=batch.name)


def test_a_store_takes_a_file(healthy, client):
    before = len(healthy.simulator.requests())
    store = client.file_search_stores.create(config={"display_name": "store"})
    operation = client.file_search_stores.upload_to_file_search_store(
        file_search_store_name=store.name,
        file=io.BytesIO(b"text"),
        config={"mime_type": "text/plain"},
    )
    assert client.operations.get(operation).done
    client.file_search_stores.delete(name=store.name, config={"force": True})
    assert len(keys_since(healthy, before)) == 1


def test_files_of_two_projects_in_one_prompt_are_refused_by_name(client):
    one, other = upload(client, b"one"), upload(client, b"other")
    with pytest.raises(errors.ClientError) as raised:
        client.models.generate_content(model=MODEL, contents=[one, other, "compare"])
    assert raised.value.code == 400
    assert one.name in raised.value.message and other.name in raised.value.message
    for file in (one, other):
        client.files.delete(name=file.name)


def test_the_results_of_a_batch_are_downloaded(healthy, client):
    before = len(healthy.simulator.requests())
    lines = upload(client, b"{}", mime_type="application/jsonl")
    batch = client.batches.create(model=MODEL, src=lines.name)
    results = client.batches.get(name=batch.name).dest.file_name
    assert b'"key":"1"' in client.files.download(file=results)
    assert len(keys_since(healthy, before)) == 1


def test_an_interaction_goes_on_whole_and_streamed(healthy, client):
    before = len(healthy.simulator.requests())
    first = client.interactions.create(model=MODEL, input="say: one")
    assert client.interactions.get(first.id).status == "completed"
    events = client.interactions.create(
        model=MODEL, input="say: two three", previous_interaction_id=first.id, stream=True
    )
    kinds = [event.event_type for event in events]
    assert (kinds[0], kinds[-1]) == ("interaction.created", "interaction.completed")
    client.interactions.delete(first.id)
    assert len(keys_since(healthy, before)) == 1


def test_a_large_file_goes_up_in_parts(healthy, client):
    before = len(healthy.simulator.requests())
    file = upload(client, b"x" * (PART + 1000), mime_type="video/mp4")
    assert file.size_bytes == PART + 1000
    requests = healthy.simulator.requests()[before:]
    commands = [request["headers"]["x-goog-upload-command"] for request in requests]
    assert commands == ["start", "upload", "upload, finalize"]
    assert len({request["key"] for request in requests}) == 1
    client.files.delete(name=file.name)
