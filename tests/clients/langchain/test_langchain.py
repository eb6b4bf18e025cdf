"""LangChain, through OpenAI's client and through Google's."""

import openai
import pytest
from google.genai import types
from langchain_core.messages import AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_google_genai import ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings
from langchain_google_genai.chat_models import ChatGoogleGenerativeAIError
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, Field

from programs import ACCESS_KEY

SIGNER = "gemini-3-flash-preview"
EMBEDDER = "gemini-embedding-001"
LOOP = """call: weather {"city":"Bern"}
call: time {"city":"Bern"}
then call: weather {"city":"Rome"}
then say: It is colder in Bern."""


@pytest.fixture(scope="module")
def project(world_of):
    """Two keys of one project: what one signed, the other knows."""
    return world_of("gem-one-aaaa=ok:project=p,gem-two-bbbb=ok:project=p")


def by_openai(world, model=SIGNER, key=ACCESS_KEY, **more):
    url = f"{world.server.url}/v1"
    return ChatOpenAI(model=model, base_url=url, api_key=key, max_retries=0, **more)


def by_google(world, model=SIGNER, key=ACCESS_KEY, **more):
    given = {"base_url": world.server.url, "google_api_key": key, "max_retries": 1}
    return ChatGoogleGenerativeAI(model=model, **given, **more)


BOTH = pytest.mark.parametrize("client", [by_openai, by_google])


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"cold in {city}"


@tool
def time(city: str) -> str:
    """The time in a city."""
    return f"noon in {city}"


TOOLS = {"weather": weather, "time": time}


@BOTH
def test_a_chat_is_answered_whole_and_streamed(project, client):
    chat = client(project)
    messages = [("system", "Be short."), ("human", "say: one two three")]
    whole = chat.invoke(messages)
    assert whole.text == "one two three"
    assert whole.usage_metadata["total_tokens"] > 0
    chunks = list(chat.stream(messages))
    assert len([it for it in chunks if it.text]) > 1
    assert sum(chunks, AIMessageChunk(content="")).text == "one two three"
    body, request = project.simulator.last()
    assert body["systemInstruction"]["parts"] == [{"text": "Be short."}]
    assert ":streamGenerateContent" in request["path"]


@BOTH
@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_a_loop_of_parallel_calls_comes_to_its_end(project, client, way):
    chat = client(project).bind_tools(list(TOOLS.values()))

    def ask(messages):
        if way == "whole":
            return chat.invoke(messages)
        first, *rest = chat.stream(messages)
        return sum(rest, first)

    before = len(project.simulator.requests())
    messages, steps = [HumanMessage(LOOP)], []
    while calls := (answer := ask(messages)).tool_calls:
        steps.append([(call["name"], call["args"]) for call in calls])
        results = [TOOLS[call["name"]].invoke(call) for call in calls]
        assert all(isinstance(result, ToolMessage) for result in results)
        messages += [answer, *results]
    assert answer.text == "It is colder in Bern."
    assert steps == [
        [("weather", {"city": "Bern"}), ("time", {"city": "Bern"})],
        [("weather", {"city": "Rome"})],
    ]
    requests = project.simulator.requests()[before:]
    assert [request["status"] for request in requests] == [200, 200, 200]


class Person(BaseModel):
    """Somebody."""

    name: str = Field(description="The full name")
    friends: list["Person"] = []


SAID = '{"name":"Ann","friends":[{"name":"Bob","friends":[]}]}'
ANN = Person(name="Ann", friends=[Person(name="Bob")])


@pytest.mark.parametrize(
    ("client", "method"),
    [
        (by_openai, "json_schema"),
        (by_openai, "function_calling"),
        (by_openai, "json_mode"),
        (by_google, "json_schema"),
        (by_google, "function_calling"),
        (by_google, "json_mode"),
    ],
)
def test_an_answer_has_the_form_of_a_model(project, client, method):
    chat = client(project).with_structured_output(Person, method=method)
    asked = f"call: Person {SAID}" if method == "function_calling" else f"say: {SAID}"
    assert chat.invoke(asked) == ANN


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@BOTH
def test_an_answer_in_a_form_is_streamed(project, client):
    chat = client(project).with_structured_output(Person, method="json_schema")
    assert list(chat.stream(f"say: {SAID}"))[-1] == ANN


def level(world):
    """How much the last request asked to think; Google's client writes its fields in snake case."""
    body, _ = world.simulator.last()
    config = types.GenerationConfig.model_validate(body["generationConfig"])
    return config.thinking_config.thinking_level


def test_an_effort_is_told_to_the_model(project):
    answer = by_openai(project, reasoning_effort="low").invoke("say: four")
    assert answer.usage_metadata["output_token_details"]["reasoning"] > 0
    assert level(project) == "LOW"
    answer = by_google(project, thinking_level="low").invoke("say: four")
    assert answer.usage_metadata["output_token_details"]["reasoning"] > 0
    assert level(project) == "LOW"


def test_a_picture_is_shown(project):
    picture = {"type": "image", "base64": "iVBORw0KGgo=", "mime_type": "image/png"}
    message = HumanMessage([{"type": "text", "text": "say: a dot"}, picture])
    for client in (by_openai, by_google):
        assert client(project).invoke([message]).text == "a dot"
        body, _ = project.simulator.last()
        content = types.Content.model_validate(body["contents"][0])
        blobs = [part.inline_data for part in content.parts]
        want = types.Blob(mime_type="image/png", data=b"\x89PNG\r\n\x1a\n")
        assert [blob for blob in blobs if blob] == [want]


def test_failures_are_of_the_clients_classes(project):
    with pytest.raises(openai.AuthenticationError):
        by_openai(project, key="sk-not-this-one").invoke("Hello")
    with pytest.raises(openai.NotFoundError):
        by_openai(project, model="no-such-model").invoke("Hello")
    with pytest.raises(ChatGoogleGenerativeAIError, match="401"):
        by_google(project, key="sk-not-this-one").invoke("Hello")
    with pytest.raises(ChatGoogleGenerativeAIError, match="404"):
        by_google(project, model="no-such-model").invoke("Hello")


def test_texts_are_embedded_alike(project):
    url = project.server.url
    by_openais = OpenAIEmbeddings(
        model=EMBEDDER,
        base_url=f"{url}/v1",
        api_key=ACCESS_KEY,
        dimensions=768,
        # Its tokens are those of OpenAI's models.
        check_embedding_ctx_length=False,
    )
    by_googles = GoogleGenerativeAIEmbeddings(
        model=EMBEDDER, base_url=url, google_api_key=ACCESS_KEY, output_dimensionality=768
    )
    texts = ["one", "two"]
    for embeddings in (by_openais, by_googles):
        vectors = embeddings.embed_documents(texts)
        assert [len(vector) for vector in vectors] == [768, 768]
        assert vectors[0] != vectors[1]
    query = by_openais.embed_query("one")
    assert query == pytest.approx(by_openais.embed_documents(["one"])[0])
