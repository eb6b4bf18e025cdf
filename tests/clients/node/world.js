// Starts a simulated Gemini and the gateway before it, reads where they listen, and stops them by
// their own processes.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

export const ACCESS_KEY = "sk-test-0123456789abcdef";
export const MODEL = "gemini-3.5-flash";
// A model that insists on signatures.
export const SIGNER = "gemini-3-flash-preview";
export const EMBEDDER = "gemini-embedding-001";
// Three steps that end with an answer, the first of them two calls at once.
export const LOOP = `call: weather {"city":"Bern"}
call: time {"city":"Bern"}
then call: weather {"city":"Rome"}
then say: It is colder in Bern.`;
export const CALLED = [
  ["weather", "Bern"],
  ["time", "Bern"],
  ["weather", "Rome"],
];

const BINARY = process.env.POLLUX_BINARY ?? "pollux";
const PATIENCE = 20_000;

// What ends what was started, the latest first, when the tests of a file are over.
const endings = [];
after(async () => {
  for (const end of endings.reverse()) await end();
});

/** Starts a world whose keys follow a script; all of it ends with the tests of the file. */
export async function start(script, settings = {}) {
  const data = await mkdtemp(join(tmpdir(), "pollux-node-"));
  endings.push(() => rm(data, { recursive: true, force: true }));
  const simulate = ["simulate", "--listen", "127.0.0.1:0", "--keys", script];
  const [simulator] = await run(simulate, {}, [/on (http:\/\/[0-9.:]+)/]);
  const keys = script.split(",").map((entry) => entry.split("=")[0]);
  const environment = {
    GEMINI_API_KEY: keys.join(","),
    GEMINI_BASE_URL: simulator,
    POLLUX_LISTEN: "127.0.0.1:0",
    POLLUX_DATA_DIR: data,
    AUTH_TOKEN: ACCESS_KEY,
    // Only what clients send is to be seen at the simulator.
    POLLUX_HEALTH__CHECKS: "false",
    ...settings,
  };
  // The last line of the greeting says that it is complete.
  const greeting = [/Gemini clients +(http:\/\/[0-9.:]+)/, /State +(\S+)/];
  const [url] = await run(["serve"], environment, greeting);
  return { url, requests: () => requests(simulator), last: () => last(simulator) };
}

/** Every request that the simulator saw. */
async function requests(simulator) {
  const answer = await fetch(`${simulator}/_simulator/requests`);
  return (await answer.json()).requests;
}

/** The body and the rest of the last one. */
async function last(simulator) {
  const request = (await requests(simulator)).at(-1);
  return { body: JSON.parse(request.body || "null"), request };
}

/** Starts a program and waits until its output holds all patterns; returns what they found. */
async function run(words, environment, patterns) {
  // Nothing of the caller's own settings may get in.
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(BINARY, words, {
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  endings.push(async () => {
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    await ended;
    clearTimeout(killer);
  });
  let output = "";
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`pollux ${words[0]} ${why}; it said: ${output}`));
    const timer = setTimeout(() => fail("did not start"), PATIENCE);
    const read = (text) => {
      output += text;
      const found = patterns.map((pattern) => output.match(pattern)?.[1]);
      if (found.every(Boolean)) {
        clearTimeout(timer);
        resolve(found);
      }
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.on("error", (error) => fail(error.message));
    child.on("exit", (code) => fail(`ended with ${code}`));
  });
}
