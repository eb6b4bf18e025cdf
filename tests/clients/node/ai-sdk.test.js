// Vercel's AI SDK, through its provider for OpenAI's dialect and through Google's.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { createGoogle } from "@ai-sdk/google";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  embedMany,
  generateObject,
  generateText,
  isStepCount,
  Output,
  streamObject,
  streamText,
  tool,
} from "ai";
import { z } from "zod";

import { ACCESS_KEY, CALLED, EMBEDDER, LOOP, MODEL, SIGNER, start } from "./world.js";

const PNG = Buffer.from("89504e470d0a1a0a", "hex");
const Person = z.object({
  name: z.string().describe("The full name"),
  friends: z.array(z.object({ name: z.string(), age: z.number().nullable() })),
});
const ANN = { name: "Ann", friends: [{ name: "Bob", age: null }] };
const SAY_ANN = `say: ${JSON.stringify(ANN)}`;

// Some of what is tested here is deprecated, and people use it.
globalThis.AI_SDK_LOG_WARNINGS = false;

let world;

const PROVIDERS = {
  "openai-compatible": (to, apiKey = ACCESS_KEY) =>
    createOpenAICompatible({
      name: "pollux",
      baseURL: `${to.url}/v1`,
      apiKey,
      includeUsage: true,
      supportsStructuredOutputs: true,
    }),
  google: (to, apiKey = ACCESS_KEY) => createGoogle({ baseURL: `${to.url}/v1beta`, apiKey }),
};

before(async () => {
  world = await start("gem-one-aaaa=ok:project=p,gem-two-bbbb=ok:project=p");
});

/** Functions as tools, and the calls that they got. */
function functions() {
  const called = [];
  const make = (name) =>
    tool({
      description: `The ${name} of a city`,
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => {
        called.push([name, city]);
        return { of: city };
      },
    });
  return { called, tools: { weather: make("weather"), time: make("time") } };
}

for (const [name, connect] of Object.entries(PROVIDERS)) {
  describe(name, () => {
    const model = (id = MODEL) => connect(world)(id);

    test("a stream says what the whole answer says", async () => {
      const asked = { model: model(), system: "Be short.", prompt: "say: one two three" };
      const whole = await generateText(asked);
      assert.equal(whole.text, "one two three");
      assert.equal(whole.finishReason, "stop");
      const { body } = await world.last();
      assert.deepEqual(body.systemInstruction.parts, [{ text: "Be short." }]);
      const stream = streamText(asked);
      const pieces = await Array.fromAsync(stream.textStream);
      assert.equal(pieces.join(""), "one two three");
      assert.ok(pieces.length > 1);
      assert.ok(whole.usage.totalTokens > 0);
      assert.equal((await stream.usage).totalTokens, whole.usage.totalTokens);
    });

    for (const way of ["whole", "streamed"]) {
      test(`steps of tools come to their end, ${way}`, async () => {
        const { called, tools } = functions();
        const seen = (await world.requests()).length;
        const asked = { model: model(SIGNER), tools, prompt: LOOP, stopWhen: isStepCount(5) };
        const answer = way === "whole" ? await generateText(asked) : streamText(asked);
        if (way === "streamed") await answer.consumeStream();
        assert.equal(await answer.text, "It is colder in Bern.");
        assert.equal((await answer.steps).length, 3);
        assert.deepEqual(called, CALLED);
        const steps = (await world.requests()).slice(seen);
        assert.deepEqual(steps.map((step) => step.status), [200, 200, 200]);
      });
    }

    test("an object has the form of its schema", async () => {
      const asked = { model: model(), prompt: SAY_ANN };
      assert.deepEqual((await generateObject({ ...asked, schema: Person })).object, ANN);
      const { body } = await world.last();
      assert.equal(body.generationConfig.responseMimeType, "application/json");
      const stream = streamObject({ ...asked, schema: Person });
      const partial = await Array.fromAsync(stream.partialObjectStream);
      assert.deepEqual(partial.at(-1), ANN);
      const output = Output.object({ schema: Person });
      assert.deepEqual((await generateText({ ...asked, output })).output, ANN);
    });

    test("thoughts are told apart from the answer", async () => {
      const providerOptions = {
        pollux: { reasoningEffort: "low" },
        google: { thinkingConfig: { thinkingLevel: "low", includeThoughts: true } },
      };
      const asked = { model: model(), prompt: "say: four", providerOptions };
      const answer = await generateText(asked);
      assert.equal(answer.text, "four");
      assert.ok(answer.reasoningText.length > 0);
      const stream = streamText(asked);
      assert.equal(await stream.text, "four");
      assert.equal(await stream.reasoningText, answer.reasoningText);
    });

    test("a picture is shown", async () => {
      const content = [
        { type: "text", text: "say: a dot" },
        { type: "file", data: PNG, mediaType: "image/png" },
      ];
      const messages = [{ role: "user", content }];
      assert.equal((await generateText({ model: model(), messages })).text, "a dot");
      const { body } = await world.last();
      const inlineData = { mimeType: "image/png", data: PNG.toString("base64") };
      assert.deepEqual(body.contents[0].parts[1], { inlineData });
    });

    test("texts are embedded", async () => {
      const values = ["one", "two"];
      const embedder = connect(world).embeddingModel(EMBEDDER);
      const { embeddings } = await embedMany({ model: embedder, values });
      assert.deepEqual(embeddings.map((it) => it.length), [3072, 3072]);
    });

    test("a failure is an error of a call", async () => {
      const stranger = connect(world, "sk-not-this-one")(MODEL);
      const asked = { prompt: "Hello", maxRetries: 0 };
      const is = (status) => (error) =>
        APICallError.isInstance(error) && error.statusCode === status && !error.isRetryable;
      await assert.rejects(generateText({ ...asked, model: stranger }), is(401));
      await assert.rejects(generateText({ ...asked, model: model("no-such-model") }), is(404));
    });

    test("a cut stream never looks like a clean stop", async () => {
      const cut = connect(await start("gem-cut-aaaa=cut:after=4"))(MODEL);
      const errors = [];
      const onError = ({ error }) => errors.push(error);
      const asked = { model: cut, prompt: "one two three", maxRetries: 0, onError };
      const parts = await Array.fromAsync(streamText(asked).stream);
      const said = parts.filter((part) => part.type === "text-delta").map((part) => part.text);
      assert.equal(said.join(""), `This is ${MODEL}, simulated, `);
      assert.ok(errors.length > 0);
      const ends = parts.filter((part) => part.type === "finish").map((part) => part.finishReason);
      assert.ok(!ends.includes("stop"), `${ends}`);
    });

    test("a failing key is the gateway's business", async () => {
      const script = "gem-bad-aaaa=invalid,gem-good-bbbb,gem-bad-cccc=overloaded";
      const mixed = connect(await start(script))(MODEL);
      for (let at = 0; at < 3; at += 1) {
        const { text } = await generateText({ model: mixed, prompt: "say: on", maxRetries: 0 });
        assert.equal(text, "on");
      }
    });
  });
}

test("a search tells its sources", async () => {
  const google = PROVIDERS.google(world);
  const tools = { google_search: google.tools.googleSearch({}) };
  const answer = await generateText({ model: google(MODEL), tools, prompt: "say: It is cold." });
  assert.equal(answer.text, "It is cold.");
  assert.ok(answer.sources.every((source) => source.url.startsWith("https://")));
  assert.ok(answer.sources.length > 0);
});
