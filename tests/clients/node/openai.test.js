// OpenAI's own client for Node, against the OpenAI face.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import OpenAI, { toFile } from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

import { ACCESS_KEY, CALLED, EMBEDDER, LOOP, MODEL, SIGNER, start } from "./world.js";

const PNG = Buffer.from("89504e470d0a1a0a", "hex");
const PAINTER = "gemini-3.1-flash-image";

let world;
let client;

function connect(to, apiKey = ACCESS_KEY) {
  return new OpenAI({ baseURL: `${to.url}/v1`, apiKey, maxRetries: 0 });
}

function user(content) {
  return [{ role: "user", content }];
}

before(async () => {
  world = await start("gem-one-aaaa=ok:project=p,gem-two-bbbb=ok:project=p");
  client = connect(world);
});

describe("chat", () => {
  test("a stream says what the whole answer says", async () => {
    const asked = { model: MODEL, messages: user("say: one two three") };
    const whole = await client.chat.completions.create(asked);
    assert.equal(whole.choices[0].message.content, "one two three");
    assert.equal(whole.choices[0].finish_reason, "stop");
    const stream_options = { include_usage: true };
    const stream = await client.chat.completions.create({ ...asked, stream: true, stream_options });
    const chunks = await Array.fromAsync(stream);
    const said = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    assert.equal(said, "one two three");
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.equal(chunks.at(-1).usage.total_tokens, whole.usage.total_tokens);
  });

  test("the client's own helper puts a stream together", async () => {
    const stream = client.chat.completions.stream({ model: MODEL, messages: user("say: a b c") });
    assert.equal(await stream.finalContent(), "a b c");
    assert.equal((await stream.finalChatCompletion()).choices[0].finish_reason, "stop");
  });

  test("a picture arrives as its bytes", async () => {
    const url = `data:image/png;base64,${PNG.toString("base64")}`;
    const content = [
      { type: "text", text: "say: a dot" },
      { type: "image_url", image_url: { url } },
    ];
    const answer = await client.chat.completions.create({ model: MODEL, messages: user(content) });
    assert.equal(answer.choices[0].message.content, "a dot");
    const { body } = await world.last();
    const inlineData = { mimeType: "image/png", data: PNG.toString("base64") };
    assert.deepEqual(body.contents[0].parts[1], { inlineData });
  });

  test("an answer is parsed into its schema", async () => {
    const Person = z.object({
      name: z.string().describe("The full name"),
      friends: z.array(z.object({ name: z.string(), age: z.number().nullable() })),
    });
    const ann = { name: "Ann", friends: [{ name: "Bob", age: null }] };
    const asked = {
      model: MODEL,
      messages: user(`say: ${JSON.stringify(ann)}`),
      response_format: zodResponseFormat(Person, "person"),
    };
    const answer = await client.chat.completions.parse(asked);
    assert.deepEqual(answer.choices[0].message.parsed, ann);
    const { body } = await world.last();
    const schema = body.generationConfig.responseJsonSchema;
    assert.equal(schema.properties.name.description, "The full name");
    const final = await client.chat.completions.stream(asked).finalChatCompletion();
    assert.deepEqual(final.choices[0].message.parsed, ann);
  });
});

describe("tools", () => {
  const City = z.object({ city: z.string() });

  /** Functions as tools, made in both ways, and the calls that they got. */
  function functions() {
    const called = [];
    const note = (name) => ({ city }) => {
      called.push([name, city]);
      return `${name} of ${city}`;
    };
    const parameters = { type: "object", properties: { city: { type: "string" } } };
    const time = { name: "time", function: note("time"), parse: JSON.parse, parameters };
    const weather = zodFunction({ name: "weather", parameters: City, function: note("weather") });
    return { called, tools: [weather, { type: "function", function: time }] };
  }

  for (const stream of [false, true]) {
    test(`run until the answer is there, ${stream ? "streamed" : "whole"}`, async () => {
      const { called, tools } = functions();
      const seen = (await world.requests()).length;
      const asked = { model: SIGNER, messages: user(LOOP), tools, stream };
      const runner = client.chat.completions.runTools(asked);
      assert.equal(await runner.finalContent(), "It is colder in Bern.");
      assert.deepEqual(called, CALLED);
      const steps = (await world.requests()).slice(seen);
      assert.deepEqual(steps.map((step) => step.status), [200, 200, 200]);
      const { contents } = JSON.parse(steps[1].body);
      assert.deepEqual(contents.map((turn) => turn.role), ["user", "model", "user"]);
      assert.deepEqual(contents[2].parts.map((part) => part.functionResponse.response), [
        { output: "weather of Bern" },
        { output: "time of Bern" },
      ]);
    });
  }
});

describe("beside chat", () => {
  test("models are listed and found", async () => {
    const models = await Array.fromAsync(client.models.list());
    assert.ok(models.some((model) => model.id === MODEL));
    assert.equal((await client.models.retrieve(MODEL)).id, MODEL);
  });

  test("vectors come as numbers, whatever travels", async () => {
    const asked = { model: EMBEDDER, input: ["one", "two"], dimensions: 8 };
    const packed = await client.embeddings.create(asked);
    const plain = await client.embeddings.create({ ...asked, encoding_format: "float" });
    assert.deepEqual(packed.data.map((it) => it.embedding.length), [8, 8]);
    for (const [at, { embedding }] of plain.data.entries()) {
      const apart = embedding.map((it, i) => Math.abs(it - packed.data[at].embedding[i]));
      assert.ok(Math.max(...apart) < 1e-6);
    }
  });

  test("pictures are made and changed", async () => {
    const made = await client.images.generate({ model: PAINTER, prompt: "A cat", n: 2 });
    const image = await toFile(PNG, "cat.png", { type: "image/png" });
    const changed = await client.images.edit({ model: PAINTER, image, prompt: "A hat" });
    for (const { b64_json } of [...made.data, ...changed.data]) {
      assert.deepEqual(Buffer.from(b64_json, "base64").subarray(0, 8), PNG);
    }
    assert.equal(made.data.length, 2);
  });

  test("speech is made and written down", async () => {
    const model = "gemini-3.8-flash-tts";
    const asked = { model, voice: "alloy", input: "Hello", response_format: "wav" };
    const speech = await client.audio.speech.create(asked);
    const sound = Buffer.from(await speech.arrayBuffer());
    assert.equal(sound.subarray(0, 4).toString(), "RIFF");
    const file = await toFile(sound, "hello.wav");
    const given = { model: MODEL, file, prompt: "say: hello" };
    assert.equal((await client.audio.transcriptions.create(given)).text, "hello");
    assert.equal((await client.audio.translations.create(given)).text, "hello");
  });
});

describe("failures are of the client's classes", () => {
  const ask = (by, given = {}) =>
    by.chat.completions.create({ model: MODEL, messages: user("Hello"), ...given });

  test("a bad request names the field", async () => {
    const is = (error) => error instanceof OpenAI.BadRequestError && error.param === "temperature";
    await assert.rejects(ask(client, { temperature: 9 }), is);
  });

  test("a wrong access key is refused", async () => {
    const stranger = connect(world, "sk-not-this-one");
    await assert.rejects(ask(stranger), OpenAI.AuthenticationError);
  });

  test("a model that does not exist is not found", async () => {
    const is = (error) =>
      error instanceof OpenAI.NotFoundError && error.code === "model_not_found";
    await assert.rejects(ask(client, { model: "no-such-model" }), is);
  });

  test("a rate limit says when to come back", async () => {
    const tired = connect(await start("gem-tired=quota:rpm=1", { POLLUX_POOL__MAX_WAIT: "0s" }));
    await ask(tired);
    await assert.rejects(ask(tired), (error) => {
      assert.ok(error instanceof OpenAI.RateLimitError);
      assert.match(error.headers.get("retry-after"), /^[1-6]?[0-9]$/);
      return true;
    });
  });

  test("a cut stream is an error", async () => {
    const cut = connect(await start("gem-cut-aaaa=cut:after=4"));
    const stream = await ask(cut, { messages: user("one two three"), stream: true });
    const said = [];
    await assert.rejects(async () => {
      for await (const chunk of stream) said.push(chunk.choices[0].delta.content ?? "");
    }, OpenAI.APIError);
    assert.equal(said.join(""), `This is ${MODEL}, simulated, `);
  });
});
