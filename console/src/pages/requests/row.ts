// One request as lists show it, whether it is among the last ones or from the log.

import type { LoggedRequest, RequestSummary, RequestTokens, RequestUser } from '../../api/schema.ts';

export type Row = {
  id: string;
  at: string;
  pool: number | null;
  user: RequestUser | null;
  key: number | null;
  /** Of the key, where the log kept it. */
  last4: string | null;
  method: string;
  path: string;
  model: string | null;
  stream: boolean;
  status: number | null;
  outcome: string;
  /** Why it failed, in a word of the server; only the log tells. */
  reason: string | null;
  error: string | null;
  attempts: number;
  waited: number;
  firstByte: number | null;
  total: number;
  tokens: RequestTokens;
  cost: number | null;
  hedged: boolean;
  joined: boolean;
};

export function ofSummary(it: RequestSummary): Row {
  return {
    id: it.id,
    at: it.at,
    pool: it.pool ?? null,
    user: it.user ?? null,
    key: it.key ?? null,
    last4: null,
    method: it.method,
    path: it.path,
    model: it.model ?? null,
    stream: it.stream,
    status: it.status ?? null,
    outcome: it.outcome,
    reason: null,
    error: it.error ?? null,
    attempts: it.attempts,
    waited: it.waited_ms,
    firstByte: it.first_byte_ms ?? null,
    total: it.total_ms,
    tokens: it.tokens,
    cost: it.cost ?? null,
    hedged: it.hedged,
    joined: it.joined,
  };
}

export function ofLogged(it: LoggedRequest): Row {
  const tokens = { prompt: it.prompt_tokens, cached: it.cached_tokens, output: it.output_tokens, thoughts: it.thought_tokens };
  return {
    id: it.id,
    at: it.at,
    pool: it.pool ?? null,
    user: typeof it.user === 'number' ? { id: it.user, name: it.user_name ?? String(it.user) } : null,
    key: it.key ?? null,
    last4: it.key_last4 ?? null,
    method: it.method,
    path: it.path,
    model: it.model ?? null,
    stream: it.stream,
    status: it.status ?? null,
    outcome: it.outcome,
    reason: it.reason ?? null,
    error: it.error ?? null,
    attempts: it.attempts,
    waited: it.waited_ms,
    firstByte: it.first_byte_ms ?? null,
    total: it.total_ms,
    tokens: { ...tokens, total: tokens.prompt + tokens.output + tokens.thoughts },
    cost: it.cost ?? null,
    hedged: false,
    joined: false,
  };
}

/** When it was over. */
export const endOf = (row: Row): number => Date.parse(row.at) + row.total;
