"""The promise: the gateway does not fail while a key can serve."""

import json
import urllib.request

import openai
import pytest
from google import genai

from programs import MODEL, PATIENCE, Program

CALLS = 1000


@pytest.fixture
def demo():
    program = Program(["demo", "--listen", "127.0.0.1:0"])
    try:
        gateway = program.stdout.find(r"curl '?(http://[0-9.:]+)/v1").group(1)
        key = program.stdout.find(r"Authorization: Bearer ([^']+)'").group(1)
        simulator = program.stdout.find(r"curl (http://[0-9.:]+)/_simulator/summary").group(1)
        yield gateway, key, simulator
    finally:
        program.stop()


def ways(gateway, key):
    """Four ways to ask, each returning the text of the answer."""
    chat = openai.OpenAI(base_url=f"{gateway}/v1", api_key=key, max_retries=0).chat.completions
    options = {"base_url": gateway, "retry_options": {"attempts": 1}}
    # Held by the functions below: it closes its connections when nobody holds it.
    google = genai.Client(api_key=key, http_options=options)

    def whole(question):
        messages = [{"role": "user", "content": question}]
        return chat.create(model=MODEL, messages=messages).choices[0].message.content

    def streamed(question):
        messages = [{"role": "user", "content": question}]
        chunks = chat.create(model=MODEL, messages=messages, stream=True)
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    def native(question):
        return google.models.generate_content(model=MODEL, contents=question).text

    def native_streamed(question):
        chunks = google.models.generate_content_stream(model=MODEL, contents=question)
        return "".join(chunk.text or "" for chunk in chunks)

    return [whole, streamed, native, native_streamed]


@pytest.mark.slow
def test_a_thousand_calls_succeed_though_half_of_the_keys_are_broken(demo):
    gateway, key, simulator = demo
    asks = ways(gateway, key)
    for number in range(CALLS):
        question = f"Question {number}"
        assert asks[number % len(asks)](question).endswith(f"You said: {question}")

    with urllib.request.urlopen(f"{simulator}/_simulator/summary", timeout=PATIENCE) as answer:
        keys = json.load(answer)["keys"]
    broken = [key for key, it in keys.items() if set(it["statuses"]) - {"200"}]
    assert len(keys) == 8
    assert len(broken) == 4, keys
    assert sum(it["statuses"].get("200", 0) for it in keys.values()) >= CALLS
