// Questions to the admin API, and what is told of those that fail.

/** A question that failed, in the words of the server. */
export class Trouble extends Error {
  constructor(
    /** The HTTP status; 0 when there was no answer at all. */
    readonly status: number,
    message: string,
    /** What to search the log for. */
    readonly requestId: string | null,
    /** The field that is wrong, where one is. */
    readonly field: string | null = null,
  ) {
    super(message);
  }
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
export type Query = Record<string, string | number | boolean | null | undefined>;

type Options = { query?: Query; body?: unknown; signal?: AbortSignal | undefined };

/** The address of a route of the admin API. */
export function address(path: string, query: Query = {}): string {
  const known = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = new URLSearchParams(known.map(([name, value]) => [name, String(value)])).toString();
  return `/admin/api${path}${text && `?${text}`}`;
}

/** Asks the admin API. Throws a `Trouble`. */
export async function ask<Answer>(method: Method, path: string, options: Options = {}): Promise<Answer> {
  const response = await sent(method, path, options);
  const text = await response.text();
  if (!response.ok) throw trouble(response, text);
  return (text ? JSON.parse(text) : undefined) as Answer;
}

async function sent(method: Method, path: string, { query, body, signal }: Options): Promise<Response> {
  const init: RequestInit = { method, headers: { accept: 'application/json' }, credentials: 'same-origin' };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, 'content-type': 'application/json' };
  }
  try {
    return await fetch(address(path, query), init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Trouble(0, String(error), null);
  }
}

type Refusal = { error?: { message?: string; details?: { fieldViolations?: { field?: string }[] }[] } };

/** What an answer says of its failure. */
export function trouble(response: Response, text: string): Trouble {
  const requestId = response.headers.get('x-request-id');
  try {
    const { error } = JSON.parse(text) as Refusal;
    const violation = error?.details?.flatMap((it) => it.fieldViolations ?? []).at(0);
    return new Trouble(response.status, error?.message ?? text, requestId, violation?.field ?? null);
  } catch {
    return new Trouble(response.status, text || response.statusText, requestId);
  }
}

export const get = <Answer>(path: string, query?: Query, signal?: AbortSignal) =>
  ask<Answer>('GET', path, { query, signal });
