// The exact lines that each client wants, for a server, an access key and a model.

import type { TextKey } from '../../i18n/index.tsx';

/** What the lines are made of. `base` has no path. */
export type Place = { base: string; key: string; model: string };
export type Field = { name: string; value: (place: Place) => string };
export type Part =
  | { kind: 'code'; title: TextKey; file?: string; text: (place: Place) => string }
  | { kind: 'fields'; title: TextKey; where: string; fields: Field[] };
/** What Pollux does not speak yet. */
export type Missing = 'messages' | 'responses';
export type Recipe = { id: string; name: string; group: 'sdk' | 'terminal' | 'app' | 'automation'; parts: Part[]; missing?: Missing; note?: TextKey };

const versioned = ({ base }: Place) => `${base}/v1`;
const host = ({ base }: Place) => base;
const secret = ({ key }: Place) => key;
const model = ({ model }: Place) => model;

const shell = (text: (place: Place) => string): Part => ({ kind: 'code', title: 'connect.terminal', text });
const file = (name: string, text: (place: Place) => string): Part => ({ kind: 'code', title: 'connect.file', file: name, text });
const environment = (text: (place: Place) => string): Part => ({ kind: 'code', title: 'connect.environment', text });
const fields = (where: string, rows: [string, (place: Place) => string][]): Part => ({
  kind: 'fields',
  title: 'connect.fields',
  where,
  fields: rows.map(([name, value]) => ({ name, value })),
});

const LIBRARIES: Recipe[] = [
  {
    id: 'openai-python',
    name: 'OpenAI · Python',
    group: 'sdk',
    parts: [
      file('chat.py', (it) => `from openai import OpenAI

client = OpenAI(base_url="${it.base}/v1", api_key="${it.key}")
chat = client.chat.completions.create(
    model="${it.model}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(chat.choices[0].message.content)`),
    ],
  },
  {
    id: 'openai-node',
    name: 'OpenAI · Node.js',
    group: 'sdk',
    parts: [
      file('chat.mjs', (it) => `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${it.base}/v1', apiKey: '${it.key}' });
const chat = await client.chat.completions.create({
  model: '${it.model}',
  messages: [{ role: 'user', content: 'Hello' }],
});
console.log(chat.choices[0].message.content);`),
    ],
  },
  {
    id: 'genai-python',
    name: 'google-genai · Python',
    group: 'sdk',
    parts: [
      file('generate.py', (it) => `from google import genai

client = genai.Client(api_key="${it.key}", http_options={"base_url": "${it.base}"})
answer = client.models.generate_content(model="${it.model}", contents="Hello")
print(answer.text)`),
    ],
  },
  {
    id: 'genai-node',
    name: '@google/genai · Node.js',
    group: 'sdk',
    parts: [
      file('generate.mjs', (it) => `import { GoogleGenAI } from '@google/genai';

const ai = new GoogleGenAI({ apiKey: '${it.key}', httpOptions: { baseUrl: '${it.base}' } });
const answer = await ai.models.generateContent({ model: '${it.model}', contents: 'Hello' });
console.log(answer.text);`),
    ],
  },
  {
    id: 'langchain',
    name: 'LangChain',
    group: 'sdk',
    parts: [
      file('chain.py', (it) => `from langchain_openai import ChatOpenAI

chat = ChatOpenAI(base_url="${it.base}/v1", api_key="${it.key}", model="${it.model}")
print(chat.invoke("Hello").content)`),
      file('chain_google.py', (it) => `from langchain_google_genai import ChatGoogleGenerativeAI

chat = ChatGoogleGenerativeAI(base_url="${it.base}", google_api_key="${it.key}", model="${it.model}")
print(chat.invoke("Hello").content)`),
    ],
  },
  {
    id: 'ai-sdk',
    name: 'AI SDK',
    group: 'sdk',
    note: 'connect.note.ai_sdk',
    parts: [
      file('chat.mjs', (it) => `import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText } from 'ai';

const pollux = createOpenAICompatible({ name: 'pollux', baseURL: '${it.base}/v1', apiKey: '${it.key}' });
const { text } = await generateText({ model: pollux('${it.model}'), prompt: 'Hello' });
console.log(text);`),
    ],
  },
  {
    id: 'curl',
    name: 'curl',
    group: 'sdk',
    parts: [
      shell((it) => `curl ${it.base}/v1/chat/completions \\
  -H 'Authorization: Bearer ${it.key}' -H 'Content-Type: application/json' \\
  -d '{"model":"${it.model}","messages":[{"role":"user","content":"Hello"}]}'`),
      shell((it) => `curl ${it.base}/v1beta/models/${it.model}:generateContent \\
  -H 'x-goog-api-key: ${it.key}' -H 'Content-Type: application/json' \\
  -d '{"contents":[{"parts":[{"text":"Hello"}]}]}'`),
    ],
  },
];

const TERMINALS: Recipe[] = [
  {
    id: 'gemini-cli',
    name: 'gemini-cli',
    group: 'terminal',
    note: 'connect.note.gemini_cli',
    parts: [shell((it) => `export GOOGLE_GEMINI_BASE_URL=${it.base}
export GEMINI_API_KEY=${it.key}
gemini -m ${it.model}`)],
  },
  {
    id: 'aider',
    name: 'aider',
    group: 'terminal',
    parts: [shell((it) => `export OPENAI_API_BASE=${it.base}/v1
export OPENAI_API_KEY=${it.key}
aider --model openai/${it.model}`)],
  },
  { id: 'claude-code', name: 'Claude Code', group: 'terminal', parts: [], missing: 'messages' },
  { id: 'codex', name: 'Codex CLI', group: 'terminal', parts: [], missing: 'responses' },
];

const APPS: Recipe[] = [
  {
    id: 'open-webui',
    name: 'Open WebUI',
    group: 'app',
    parts: [
      fields('Admin Panel › Settings › Connections › OpenAI API', [['URL', versioned], ['API Key', secret]]),
      environment((it) => `OPENAI_API_BASE_URL=${it.base}/v1
OPENAI_API_KEY=${it.key}`),
    ],
  },
  {
    id: 'cherry-studio',
    name: 'Cherry Studio',
    group: 'app',
    note: 'connect.note.adds_version',
    parts: [
      fields('Settings › Model Provider › Add › OpenAI', [['API Key', secret], ['API Host', host], ['Model', model]]),
      fields('Settings › Model Provider › Gemini', [['API Key', secret], ['API Host', host]]),
    ],
  },
  {
    id: 'lobechat',
    name: 'LobeChat',
    group: 'app',
    parts: [
      environment((it) => `OPENAI_PROXY_URL=${it.base}/v1
OPENAI_API_KEY=${it.key}`),
      environment((it) => `GOOGLE_PROXY_URL=${it.base}
GOOGLE_API_KEY=${it.key}`),
    ],
  },
  {
    id: 'nextchat',
    name: 'NextChat',
    group: 'app',
    note: 'connect.note.adds_version',
    parts: [fields('Settings › Custom Endpoint › OpenAI', [['OpenAI Endpoint', host], ['OpenAI API Key', secret], ['Custom Models', model]])],
  },
  {
    id: 'sillytavern',
    name: 'SillyTavern',
    group: 'app',
    parts: [
      fields('API Connections › Chat Completion › Custom (OpenAI-compatible)', [['Custom Endpoint (Base URL)', versioned], ['Custom API Key', secret], ['Enter a Model ID', model]]),
      fields('API Connections › Chat Completion › Google AI Studio › Reverse Proxy', [['Proxy Server URL', host], ['Proxy Password', secret]]),
    ],
  },
  {
    id: 'cline',
    name: 'Cline · Roo · Kilo',
    group: 'app',
    parts: [fields('Settings › API Provider › OpenAI Compatible', [['Base URL', versioned], ['API Key', secret], ['Model ID', model]])],
  },
  {
    id: 'continue',
    name: 'Continue',
    group: 'app',
    parts: [file('config.yaml', (it) => `models:
  - name: ${it.model}
    provider: openai
    model: ${it.model}
    apiBase: ${it.base}/v1
    apiKey: ${it.key}`)],
  },
  {
    id: 'immersive-translate',
    name: 'Immersive Translate',
    group: 'app',
    note: 'connect.note.bursts',
    parts: [fields('Settings › Translation Services › OpenAI', [['API URL', (it) => `${it.base}/v1/chat/completions`], ['APIKEY', secret], ['Model', model]])],
  },
];

const AUTOMATIONS: Recipe[] = [
  {
    id: 'n8n',
    name: 'n8n',
    group: 'automation',
    parts: [fields('Credentials › OpenAI', [['API Key', secret], ['Base URL', versioned]]), fields('Credentials › Google Gemini(PaLM) Api', [['Host', host], ['API Key', secret]])],
  },
  {
    id: 'dify',
    name: 'Dify',
    group: 'automation',
    parts: [fields('Settings › Model Provider › OpenAI-API-compatible', [['Model Name', model], ['API Key', secret], ['API endpoint URL', versioned]])],
  },
];

export const RECIPES: Recipe[] = [...LIBRARIES, ...TERMINALS, ...APPS, ...AUTOMATIONS];
export const GROUPS = ['sdk', 'terminal', 'app', 'automation'] as const;
