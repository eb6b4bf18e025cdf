// One answer of a chat, streamed: what is asked, and what comes of it piece by piece.

import { Trouble, trouble } from '../../api/client.ts';

export type ToolCall = {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
  extra_content?: unknown;
};
type Image = { type: 'image_url'; image_url: { url: string } };
type Content = { type: 'text'; text: string } | Image;

/** A message as the API takes it. */
export type Message =
  | { role: 'user'; content: Content[] }
  | { role: 'assistant'; content: string; reasoning_content?: string; tool_calls?: ToolCall[]; images?: Image[] }
  | { role: 'tool'; tool_call_id: string; content: string };
export type Answer = Extract<Message, { role: 'assistant' }>;

export type Question = {
  key: string;
  model: string;
  system: string;
  messages: Message[];
  tools: unknown[];
  temperature: string;
  maxTokens: string;
  effort: string;
};

export type Usage = { prompt_tokens: number; completion_tokens: number; total_tokens: number };
type Delta = {
  content?: string | null;
  reasoning_content?: string;
  images?: Image[];
  tool_calls?: (Partial<ToolCall> & { index: number })[];
};
type Chunk = {
  choices?: { delta?: Delta; finish_reason?: string | null }[];
  usage?: Usage | null;
  error?: { message?: string };
};

/** What is known of an answer while it comes. */
export type Progress = { answer: Answer; finish: string | null; usage: Usage | null; requestId: string | null };

const EMPTY: Progress = { answer: { role: 'assistant', content: '' }, finish: null, usage: null, requestId: null };

function body(question: Question): string {
  const { model, system, messages, tools, temperature, maxTokens, effort } = question;
  return JSON.stringify({
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [...(system.trim() ? [{ role: 'system', content: system }] : []), ...messages],
    ...(tools.length ? { tools } : {}),
    ...(temperature ? { temperature: Number(temperature) } : {}),
    ...(maxTokens ? { max_completion_tokens: Number(maxTokens) } : {}),
    ...(effort ? { reasoning_effort: effort } : {}),
  });
}

/** Asks, and tells of every step. Throws a `Trouble` that names the request. */
export async function ask(question: Question, signal: AbortSignal, tell: (progress: Progress) => void): Promise<Progress> {
  let response: Response;
  try {
    response = await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${question.key}`, 'content-type': 'application/json' },
      credentials: 'omit',
      body: body(question),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Trouble(0, String(error), null);
  }
  const requestId = response.headers.get('x-request-id');
  let progress: Progress = { ...EMPTY, requestId };
  tell(progress);
  if (!response.ok || !response.body) throw trouble(response, await response.text());
  for await (const data of events(response.body)) {
    if (data === '[DONE]') break;
    const chunk = JSON.parse(data) as Chunk;
    if (chunk.error) throw new Trouble(502, chunk.error.message ?? data, requestId);
    progress = added(progress, chunk);
    tell(progress);
  }
  return progress;
}

/** The data of each event; an event may come in any number of pieces. */
async function* events(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trim();
    }
  } finally {
    reader.cancel().catch(() => {
      // It was stopped: there is nothing left to cancel.
    });
  }
}

function added(before: Progress, chunk: Chunk): Progress {
  const choice = chunk.choices?.[0];
  const delta = choice?.delta ?? {};
  const answer: Answer = { ...before.answer, content: before.answer.content + (delta.content ?? '') };
  if (delta.reasoning_content) answer.reasoning_content = (answer.reasoning_content ?? '') + delta.reasoning_content;
  if (delta.images) answer.images = [...(answer.images ?? []), ...delta.images];
  if (delta.tool_calls) answer.tool_calls = called(answer.tool_calls ?? [], delta.tool_calls);
  return { ...before, answer, finish: choice?.finish_reason ?? before.finish, usage: chunk.usage ?? before.usage };
}

function called(before: ToolCall[], pieces: (Partial<ToolCall> & { index: number })[]): ToolCall[] {
  const calls = [...before];
  for (const { index, ...piece } of pieces) {
    const call = calls[index] ?? { id: '', type: 'function', function: { name: '', arguments: '' } };
    calls[index] = {
      ...call,
      ...piece,
      id: piece.id ?? call.id,
      function: {
        name: piece.function?.name ?? call.function.name,
        arguments: call.function.arguments + (piece.function?.arguments ?? ''),
      },
    };
  }
  return calls;
}
