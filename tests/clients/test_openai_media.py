"""OpenAI's own client library, against the endpoints beside chat."""

import base64
import io
import wave

import openai
import pytest

from programs import MODEL

EMBEDDER = "gemini-embedding-001"
PAINTER = "gemini-3.1-flash-image"
SPEAKER = "gemini-3.8-flash-tts"
PNG = b"\x89PNG\r\n\x1a\n"


def length(vector):
    return sum(number * number for number in vector) ** 0.5


def picture():
    return ("cat.png", PNG + b"cat", "image/png")


def test_vectors_come_as_numbers_and_the_clients_own_way(healthy):
    client = healthy.openai()
    # Left alone, the client asks for base64 and unpacks it itself.
    packed = client.embeddings.create(model=EMBEDDER, input=["one", "two"])
    plain = client.embeddings.create(model=EMBEDDER, input=["one", "two"], encoding_format="float")
    assert [item.index for item in packed.data] == [0, 1]
    assert len(packed.data[0].embedding) == 3072
    for one, other in zip(packed.data, plain.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-7)
    assert plain.usage.total_tokens == 0


def test_a_short_vector_has_length_one(healthy):
    answer = healthy.openai().embeddings.create(model=EMBEDDER, input="one", dimensions=512)
    vector = answer.data[0].embedding
    assert len(vector) == 512
    assert length(vector) == pytest.approx(1, abs=1e-5)


def test_a_list_as_long_as_openai_takes_is_split_and_kept_in_order(healthy):
    client = healthy.openai()
    before = len(healthy.simulator.requests())
    texts = [f"text {at}" for at in range(2048)]
    answer = client.embeddings.create(model=EMBEDDER, input=texts, dimensions=4)
    assert len(healthy.simulator.requests()) - before == 21
    assert [item.index for item in answer.data] == list(range(2048))
    for at in (0, 777, 2047):
        alone = client.embeddings.create(model=EMBEDDER, input=texts[at], dimensions=4)
        assert alone.data[0].embedding == answer.data[at].embedding


@pytest.mark.parametrize(
    ("given", "param"),
    [({"input": [1, 2]}, "input"), ({"input": []}, "input"), ({"input": ["a"] * 2049}, "input")],
)
def test_what_cannot_be_embedded_names_the_field(healthy, given, param):
    with pytest.raises(openai.BadRequestError) as raised:
        healthy.openai().embeddings.create(model=EMBEDDER, **given)
    assert raised.value.param == param


def test_a_picture_is_made(healthy):
    answer = healthy.openai().images.generate(
        model=PAINTER, prompt="A cat", n=2, size="1536x1024", quality="auto"
    )
    assert [base64.b64decode(it.b64_json)[:8] for it in answer.data] == [PNG, PNG]
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    body, _ = healthy.simulator.last()
    assert body["generationConfig"]["imageConfig"] == {"aspectRatio": "3:2"}


def test_a_picture_is_changed(healthy):
    answer = healthy.openai().images.edit(
        model=PAINTER, image=[picture(), picture()], mask=picture(), prompt="A hat"
    )
    assert base64.b64decode(answer.data[0].b64_json).startswith(PNG)
    body, _ = healthy.simulator.last()
    kinds = [next(iter(part)) for part in body["contents"][0]["parts"]]
    assert kinds == ["inlineData", "inlineData", "inlineData", "text", "text"]


def test_a_picture_that_is_withheld_says_why(start):
    world = start("gem-blocked-aaaa=blocked_prompt")
    with pytest.raises(openai.BadRequestError) as raised:
        world.openai().images.generate(model=PAINTER, prompt="A cat")
    assert raised.value.code == "content_policy_violation"
    assert "PROHIBITED_CONTENT" in str(raised.value)


def test_variations_are_not_offered(healthy):
    with pytest.raises(openai.NotFoundError):
        healthy.openai().images.create_variation(image=picture())


def test_speech_is_a_wave_file(healthy):
    speech = healthy.openai().audio.speech
    answer = speech.create(
        model=SPEAKER, voice="alloy", input="Hello you", response_format="wav"
    ).content
    with wave.open(io.BytesIO(answer)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 24000)
        samples = sound.readframes(sound.getnframes())
    assert samples
    raw = speech.create(model=SPEAKER, voice="alloy", input="Hello you", response_format="pcm")
    assert raw.content == samples
    unnamed = speech.create(model=SPEAKER, voice="alloy", input="Hello you")
    assert unnamed.content == answer
    assert unnamed.response.headers["content-type"] == "audio/wav"


def test_speech_can_be_streamed_to_a_file(healthy, tmp_path):
    path = tmp_path / "speech.wav"
    create = healthy.openai().audio.speech.with_streaming_response.create
    with create(model=SPEAKER, voice="Puck", input="Hello", response_format="wav") as answer:
        answer.stream_to_file(path)
    with wave.open(str(path)) as sound:
        assert sound.getnframes() > 0


@pytest.mark.parametrize(
    ("given", "param"),
    [({"voice": "robot"}, "voice"), ({"response_format": "mp3"}, "response_format")],
)
def test_speech_that_is_not_offered_names_the_field(healthy, given, param):
    asked = {"model": SPEAKER, "voice": "alloy", "input": "Hello", **given}
    with pytest.raises(openai.BadRequestError) as raised:
        healthy.openai().audio.speech.create(**asked)
    assert raised.value.param == param


def transcribe(client, **more):
    return client.audio.transcriptions.create(
        model=MODEL, file=("hello.mp3", b"sound"), prompt="say: hello", **more
    )


def test_a_recording_is_written_down(healthy):
    client = healthy.openai()
    answer = transcribe(client)
    assert answer.text == "hello"
    assert answer.usage.input_tokens > 0
    verbose = transcribe(
        client, response_format="verbose_json", timestamp_granularities=["segment"], language="en"
    )
    assert verbose.text == "hello"
    assert [(it.start, it.end, it.text) for it in verbose.segments] == [(0, 1, "hello")]
    srt = transcribe(client, response_format="srt")
    assert srt == "1\n00:00:00,000 --> 00:00:01,000\nhello\n\n"
    assert transcribe(client, response_format="vtt").startswith("WEBVTT\n\n00:00:00.000 -->")
    assert transcribe(client, response_format="text").strip() == "hello"


def test_a_recording_is_translated(healthy):
    answer = healthy.openai().audio.translations.create(
        model=MODEL, file=("hello.wav", b"sound"), prompt="say: hello"
    )
    assert answer.text == "hello"
    body, _ = healthy.simulator.last()
    blob, instruction = body["contents"][0]["parts"]
    assert blob["inlineData"]["mimeType"] in ("audio/wav", "audio/x-wav")
    assert "English" in instruction["text"]


def test_a_transcript_can_be_streamed(healthy):
    events = list(transcribe(healthy.openai(), stream=True))
    assert [event.type for event in events] == ["transcript.text.delta", "transcript.text.done"]
    assert events[0].delta == events[-1].text == "hello"
    assert events[-1].usage.input_tokens > 0


def test_a_transcript_that_is_not_offered_names_the_field(healthy):
    with pytest.raises(openai.BadRequestError) as raised:
        transcribe(healthy.openai(), response_format="srt", stream=True)
    assert raised.value.param == "stream"


def test_a_completion_is_whole_or_streamed(healthy):
    complete = healthy.openai().completions.create
    whole = complete(model=MODEL, prompt="say: one two three", max_tokens=100)
    assert whole.choices[0].text == "one two three"
    assert whole.choices[0].finish_reason == "stop"
    chunks = list(
        complete(
            model=MODEL,
            prompt="say: one two three",
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    said = "".join(choice.text for chunk in chunks for choice in chunk.choices)
    assert said == "one two three"
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens
    several = complete(model=MODEL, prompt=["say: a", "say: b"], echo=True)
    assert [choice.text for choice in several.choices] == ["say: aa", "say: bb"]


def test_errors_are_of_the_clients_classes(healthy, start):
    with pytest.raises(openai.NotFoundError) as raised:
        healthy.openai().embeddings.create(model="text-embedding-3-small", input="a")
    assert raised.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError):
        healthy.openai(key="sk-not-this-one").images.generate(model=PAINTER, prompt="A cat")
    tired = start("gem-tired-aaaa=quota:rpm=1", POLLUX_POOL__MAX_WAIT="0s").openai()
    tired.embeddings.create(model=EMBEDDER, input="a")
    with pytest.raises(openai.RateLimitError) as raised:
        tired.embeddings.create(model=EMBEDDER, input="a")
    assert int(raised.value.response.headers["retry-after"]) > 0


def test_a_failing_key_is_the_gateways_business(start):
    world = start("gem-bad-aaaa=invalid,gem-bad-bbbb=overloaded,gem-good-cccc")
    client = world.openai()
    for _ in range(3):
        assert client.embeddings.create(model=EMBEDDER, input=["a"] * 150).data
        assert client.images.generate(model=PAINTER, prompt="A cat").data
        assert transcribe(client).text == "hello"
