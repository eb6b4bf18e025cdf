"""OpenAI's own client library calling tools, on a model that insists on signatures."""

import asyncio
import json

import openai
import pytest
from pydantic import BaseModel, Field

from programs import ACCESS_KEY

SIGNER = "gemini-3-flash-preview"
LOOP = """call: weather {"city":"Bern"}
call: time {"city":"Bern"}
then call: weather {"city":"Rome"}
then say: It is colder in Bern."""


def tool(name, **more):
    city = {"city": {"type": "string", "description": "Which city"}}
    parameters = {"type": "object", "properties": city, "required": ["city"]}
    return {"type": "function", "function": {"name": name, "parameters": parameters, **more}}


TOOLS = [tool("weather", description="The weather of a city"), tool("time")]


@pytest.fixture(scope="module")
def project(world_of):
    """Two keys of one project: what one signed, the other knows."""
    return world_of("gem-one-aaaa=ok:project=p,gem-two-bbbb=ok:project=p")


def user(text):
    return [{"role": "user", "content": text}]


def whole(client, messages):
    """One step, as the SDK's own message."""
    answer = client.chat.completions.create(model=SIGNER, messages=messages, tools=TOOLS)
    return answer.choices[0]


def streamed(client, messages):
    """The same, put together by the SDK's own helper."""
    stream = client.chat.completions.stream(model=SIGNER, messages=messages, tools=TOOLS)
    with stream as events:
        return events.get_final_completion().choices[0]


def the_sdks_own(message):
    return message


def only_openais_fields(message):
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.function.name, "arguments": call.function.arguments},
        }
        for call in message.tool_calls
    ]
    return {"role": "assistant", "content": message.content, "tool_calls": calls}


def answered(calls):
    """A result for each call, the last call first."""
    return [
        {"role": "tool", "tool_call_id": call.id, "content": json.dumps({"of": call.function.name})}
        for call in reversed(calls)
    ]


@pytest.mark.parametrize("ask", [whole, streamed])
@pytest.mark.parametrize("kept", [the_sdks_own, only_openais_fields])
def test_a_loop_of_parallel_calls_comes_to_its_end(project, ask, kept):
    client = project.openai()
    messages, steps = user(LOOP), []
    while (choice := ask(client, messages)).finish_reason == "tool_calls":
        calls = choice.message.tool_calls
        steps.append([(it.function.name, json.loads(it.function.arguments)) for it in calls])
        messages += [kept(choice.message), *answered(calls)]
    assert choice.finish_reason == "stop"
    assert choice.message.content == "It is colder in Bern."
    assert steps == [
        [("weather", {"city": "Bern"}), ("time", {"city": "Bern"})],
        [("weather", {"city": "Rome"})],
    ]
    body, _ = project.simulator.last()
    # Nothing had to be mended: what the client lost, the gateway had kept.
    assert [it["status"] for it in project.simulator.requests()[-3:]] == [200, 200, 200]
    roles = [turn["role"] for turn in body["contents"]]
    assert roles == ["user", "model", "user", "model", "user"]
    made, results = body["contents"][1]["parts"], body["contents"][2]["parts"]
    assert made[0]["thoughtSignature"] not in ("", "skip_thought_signature_validator")
    assert "thoughtSignature" not in made[1]
    assert [it["functionResponse"]["name"] for it in results] == ["weather", "time"]
    assert results[0]["functionResponse"]["response"] == {"of": "weather"}
    ids = [it["functionCall"]["id"] for it in made]
    assert [it["functionResponse"]["id"] for it in results] == ids
    assert len(set(ids)) == 2


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_what_the_sdk_sends_back_is_no_mistake_to_strictness(project, way):
    """Its messages hold what answers told and what it made of them."""
    chat = project.openai().with_options(default_headers={"x-pollux-strict": "true"}).chat
    calling = {"tools": [openai.pydantic_function_tool(Weather)]}
    asked = [
        (calling, 'call: Weather {"places":[]}\nthen say: {"places":[]}'),
        ({"reasoning_effort": "low", "response_format": Weather}, 'say: {"places":[]}'),
        ({"web_search_options": {}}, "say: It is cold."),
    ]
    for given, prompt in asked:
        given = {"model": SIGNER, **given}
        messages = user(prompt)
        if way == "whole":
            choice = chat.completions.parse(messages=messages, **given).choices[0]
        else:
            with chat.completions.stream(messages=messages, **given) as events:
                choice = events.get_final_completion().choices[0]
        back = answered(choice.message.tool_calls or []) or user("say: {}")
        messages = [*messages, choice.message, *back]
        raw = chat.completions.with_raw_response.create(model=SIGNER, messages=messages)
        assert "x-pollux-ignored" not in raw.headers


def test_a_call_that_no_gateway_ever_saw_is_taken(project):
    call = {"id": "call_elsewhere", "type": "function"}
    call["function"] = {"name": "weather", "arguments": '{"city":"Bern"}'}
    messages = [
        *user("call: weather {}\nthen say: Cold."),
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_elsewhere", "content": "cold"},
    ]
    assert whole(project.openai(), messages).message.content == "Cold."
    body, _ = project.simulator.last()
    result = body["contents"][2]["parts"][0]["functionResponse"]
    assert result["response"] == {"output": "cold"}


def test_the_streams_own_events_tell_of_calls(project):
    stream = project.openai().chat.completions.stream(
        model=SIGNER, messages=user(LOOP), tools=TOOLS, stream_options={"include_usage": True}
    )
    with stream as events:
        seen = list(events)
        final = events.get_final_completion()
    done = [event for event in seen if event.type == "tool_calls.function.arguments.done"]
    assert [(event.name, event.index) for event in done] == [("weather", 0), ("time", 1)]
    assert final.choices[0].message.tool_calls[1].function.name == "time"
    assert final.usage.total_tokens > 0
    ids = {call.id for call in final.choices[0].message.tool_calls}
    assert len(ids) == 2 and all(ids)


def test_an_async_client_calls_and_streams(project):
    async def ask():
        url = f"{project.server.url}/v1"
        async with openai.AsyncOpenAI(base_url=url, api_key=ACCESS_KEY, max_retries=0) as client:
            chat = client.chat.completions
            one = chat.create(model=SIGNER, messages=user(LOOP), tools=TOOLS)
            other = chat.create(model=SIGNER, messages=user("say: a b c"), stream=True)
            answer, stream = await asyncio.gather(one, other)
            said = [chunk.choices[0].delta.content or "" async for chunk in stream]
            return answer.choices[0].message.tool_calls, "".join(said)

    calls, said = asyncio.run(ask())
    assert [call.function.name for call in calls] == ["weather", "time"]
    assert said == "a b c"


@pytest.mark.parametrize(
    ("choice", "want"),
    [
        ("auto", None),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        (
            {"type": "function", "function": {"name": "time"}},
            {"mode": "ANY", "allowedFunctionNames": ["time"]},
        ),
        (
            {
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "required",
                    "tools": [{"type": "function", "function": {"name": "weather"}}],
                },
            },
            {"mode": "ANY", "allowedFunctionNames": ["weather"]},
        ),
    ],
    ids=["auto", "none", "required", "named", "allowed"],
)
def test_the_choice_of_tools_reaches_gemini(project, choice, want):
    project.openai().chat.completions.create(
        model=SIGNER, messages=user("Hello"), tools=TOOLS, tool_choice=choice
    )
    body, _ = project.simulator.last()
    assert body.get("toolConfig", {}).get("functionCallingConfig") == want
    declared = body["tools"][0]["functionDeclarations"]
    assert [it["name"] for it in declared] == ["weather", "time"]
    assert declared[0]["description"] == "The weather of a city"
    assert declared[0]["parametersJsonSchema"]["required"] == ["city"]


def test_one_call_at_a_time_when_the_client_wants_that(project):
    answer = project.openai().chat.completions.create(
        model=SIGNER, messages=user(LOOP), tools=TOOLS, parallel_tool_calls=False
    )
    assert [it.function.name for it in answer.choices[0].message.tool_calls] == ["weather"]


class Place(BaseModel):
    """A place on a map."""

    city: str = Field(description="Which city")
    country: str | None = None


class Weather(BaseModel):
    """The weather of some places."""

    places: list[Place]


def test_a_tool_made_of_a_model_is_parsed_into_it(project):
    arguments = '{"places":[{"city":"Bern","country":null}]}'
    ask = {
        "model": SIGNER,
        "messages": user(f"call: Weather {arguments}"),
        "tools": [openai.pydantic_function_tool(Weather)],
    }
    answer = project.openai().chat.completions.parse(**ask)
    want = Weather(places=[Place(city="Bern")])
    assert answer.choices[0].message.tool_calls[0].function.parsed_arguments == want
    body, _ = project.simulator.last()
    assert body["toolConfig"]["functionCallingConfig"] == {"mode": "VALIDATED"}
    declared = body["tools"][0]["functionDeclarations"][0]
    assert (declared["name"], declared["description"]) == ("Weather", Weather.__doc__)
    with project.openai().chat.completions.stream(**ask) as events:
        choice = events.get_final_completion().choices[0]
    assert choice.message.tool_calls[0].function.parsed_arguments == want


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "none"}}}, "tool_choice"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"type": "magic"}]}, "tools[0].type"),
        ({"messages": [{"role": "tool", "tool_call_id": "a", "content": "b"}]},
         "messages[0].tool_call_id"),
    ],
)
def test_a_bad_request_names_the_field(project, given, param):
    before = len(project.simulator.requests())
    asked = {"model": SIGNER, "messages": user("Hello"), "tools": TOOLS, **given}
    with pytest.raises(openai.BadRequestError) as raised:
        project.openai().chat.completions.create(**asked)
    assert raised.value.param == param
    assert len(project.simulator.requests()) == before
