"""Google's own client library calling tools, and giving answers a form."""

import asyncio
import enum

import pytest
from google.genai import errors, types
from pydantic import BaseModel

from programs import MODEL

SIGNER = "gemini-3-flash-preview"
LOOP = """call: weather {"city":"Bern"}
call: time {"city":"Bern"}
then call: weather {"city":"Rome"}
then say: It is colder in Bern."""


@pytest.fixture(scope="module")
def project(world_of):
    """Two keys of one project: what one signed, the other knows."""
    return world_of("gem-one-aaaa=ok:project=p,gem-two-bbbb=ok:project=p")


@pytest.fixture
def functions():
    """Functions of Python as tools, and the calls that they got."""
    called = []

    def weather(city: str) -> dict:
        """The weather of a city."""
        called.append(("weather", city))
        return {"degrees": 7}

    def time(city: str) -> str:
        """The time in a city."""
        called.append(("time", city))
        return "noon"

    return [weather, time], called


CALLED = [("weather", "Bern"), ("time", "Bern"), ("weather", "Rome")]


def test_functions_are_called_until_the_answer_is_there(project, functions):
    tools, called = functions
    before = len(project.simulator.requests())
    answer = project.gemini().models.generate_content(
        model=SIGNER, contents=LOOP, config={"tools": tools}
    )
    assert answer.text == "It is colder in Bern."
    assert called == CALLED
    steps = project.simulator.requests()[before:]
    assert [step["status"] for step in steps] == [200, 200, 200]
    body, _ = project.simulator.last()
    made, results = body["contents"][1]["parts"], body["contents"][2]["parts"]
    assert [bool(it.get("thoughtSignature")) for it in made] == [True, False]
    returned = [it["functionResponse"]["response"] for it in results]
    assert returned == [{"result": {"degrees": 7}}, {"result": "noon"}]


def test_functions_are_called_in_a_stream_too(project, functions):
    tools, called = functions
    chunks = project.gemini().models.generate_content_stream(
        model=SIGNER, contents=LOOP, config={"tools": tools}
    )
    assert "".join(chunk.text or "" for chunk in chunks) == "It is colder in Bern."
    assert called == CALLED


def test_a_chat_keeps_its_calls_for_later_turns(project, functions):
    tools, called = functions
    chat = project.gemini().chats.create(model=SIGNER, config={"tools": tools})
    assert chat.send_message(LOOP).text == "It is colder in Bern."
    said = [chunk.text or "" for chunk in chat.send_message_stream("say: and now this")]
    assert "".join(said) == "and now this"
    assert called == CALLED
    body, request = project.simulator.last()
    assert request["status"] == 200
    kinds = [next(iter(turn["parts"][0])) for turn in body["contents"]]
    assert kinds.count("functionCall") == kinds.count("functionResponse") == 2


def test_an_async_client_calls_and_streams(project, functions):
    tools, called = functions

    async def ask():
        models = project.gemini().aio.models
        answer = await models.generate_content(
            model=SIGNER, contents=LOOP, config={"tools": tools}
        )
        stream = await models.generate_content_stream(model=SIGNER, contents="say: a b")
        return answer.text, "".join([chunk.text or "" async for chunk in stream])

    assert asyncio.run(ask()) == ("It is colder in Bern.", "a b")
    assert called == CALLED


def test_calls_are_left_to_the_caller_when_he_wants_that(project, functions):
    tools, called = functions
    config = {
        "tools": tools,
        "automatic_function_calling": {"disable": True},
        "tool_config": {"function_calling_config": {"mode": "ANY"}},
    }
    models = project.gemini().models
    chunks = models.generate_content_stream(model=SIGNER, contents=LOOP, config=config)
    calls = [call for chunk in chunks for call in chunk.function_calls or []]
    assert [(call.name, call.args) for call in calls] == [
        ("weather", {"city": "Bern"}),
        ("time", {"city": "Bern"}),
    ]
    assert called == []
    body, _ = project.simulator.last()
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": "ANY"}}


def test_what_another_project_signed_is_mended(start):
    # Else the conversation would stay with the project that signed.
    world = start("gem-one-aaaa,gem-two-bbbb", POLLUX_POOL__AFFINITY="false")
    client = world.gemini()
    first = client.models.generate_content(
        model=SIGNER,
        contents="call: weather {}\nthen say: Cold.",
        config={"tools": [{"function_declarations": [{"name": "weather"}]}]},
    )
    result = types.Part.from_function_response(name="weather", response={"degrees": 7})
    contents = [
        types.UserContent("call: weather {}\nthen say: Cold."),
        first.candidates[0].content,
        types.Content(role="user", parts=[result]),
    ]
    second = client.models.generate_content(
        model=SIGNER,
        contents=contents,
        config={"tools": [{"function_declarations": [{"name": "weather"}]}]},
    )
    assert second.text == "Cold."
    assert world.simulator.statuses() == {200, 400}


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Person(BaseModel):
    name: str
    colours: list[Colour]
    boss: "Person | None" = None


def test_an_answer_is_parsed_into_a_model(healthy):
    said = '{"name":"Ann","colours":["red"],"boss":{"name":"Bob","colours":[],"boss":null}}'
    config = {
        "response_mime_type": "application/json",
        "response_json_schema": Person.model_json_schema(),
    }
    models = healthy.gemini().models
    answer = models.generate_content(model=MODEL, contents=f"say: {said}", config=config)
    assert Person.model_validate(answer.parsed).boss.name == "Bob"
    config = {"response_mime_type": "application/json", "response_schema": list[Colour]}
    answer = models.generate_content(model=MODEL, contents='say: ["blue"]', config=config)
    assert answer.parsed == [Colour.BLUE]


def test_thoughts_are_asked_for_and_told_apart(healthy):
    config = {"thinking_config": {"thinking_level": "LOW", "include_thoughts": True}}
    models = healthy.gemini().models
    answer = models.generate_content(model=MODEL, contents="say: four", config=config)
    parts = answer.candidates[0].content.parts
    assert [bool(part.thought) for part in parts] == [True, False]
    assert answer.text == "four"
    assert answer.usage_metadata.thoughts_token_count > 0
    config = {"thinking_config": {"thinking_budget": 0}}
    answer = models.generate_content(model="gemini-2.5-flash", contents="say: x", config=config)
    assert not answer.usage_metadata.thoughts_token_count
    with pytest.raises(errors.ClientError) as raised:
        config = {"thinking_config": {"thinking_budget": 0, "thinking_level": "LOW"}}
        models.generate_content(model=MODEL, contents="Hello", config=config)
    assert raised.value.code == 400


def test_a_search_tells_where_its_sentences_come_from(healthy):
    models = healthy.gemini().models
    config = {"tools": [{"google_search": {}}]}
    answer = models.generate_content(model=MODEL, contents="say: It is cold.", config=config)
    grounding = answer.candidates[0].grounding_metadata
    assert grounding.grounding_chunks[0].web.uri.startswith("https://")
    assert grounding.grounding_supports[0].segment.text == "It is cold."
