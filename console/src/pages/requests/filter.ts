// Which requests are listed: kept in the address, asked of the server, and told of those that come live.

import { useMemo } from 'react';
import type { Query } from '../../api/client.ts';
import { useParams, type Change } from '../../ui/address.ts';
import type { Row } from './row.ts';

/** Each is empty where it admits all. */
export type Filter = {
  search: string;
  outcome: string;
  status: string;
  reason: string;
  model: string;
  pool: string;
  user: string;
  key: string;
};
export type Name = keyof Filter;

const NAMES: Name[] = ['search', 'outcome', 'status', 'reason', 'model', 'pool', 'user', 'key'];
/** What is asked for behind the button; the others stand in the bar at all times. */
export const BEHIND = ['status', 'reason', 'model', 'user', 'key'] as const;

export const OUTCOMES = ['complete', 'failed', 'client_gone'] as const;
/** The words of the server for why requests fail. */
export const REASONS = [
  'exhausted', 'revoked', 'unavailable', 'no_key', 'rejected', 'blocked', 'unserved', 'not_owner', 'empty', 'cut',
  'limit', 'not_allowed', 'not_found', 'bad_request', 'too_large', 'slow_client', 'stopped', 'internal',
] as const;

export function useFilter(): [Filter, (change: Change) => void] {
  const [read, change] = useParams();
  const filter = useMemo(() => Object.fromEntries(NAMES.map((name) => [name, read(name) ?? ''])) as Filter, [read]);
  return [filter, change];
}

export const isAny = (filter: Filter): boolean => NAMES.some((name) => filter[name] !== '');

/** What the server can sift of the last requests. */
export const ofLast = ({ outcome, model, key, pool, user }: Filter): Query => ({ outcome, model, key, pool, user });

/** What the server can sift of the log; failures alone have a reason. */
export function ofLog({ search, outcome, status, reason, model, pool, user, key }: Filter): Query {
  return { error: search, outcome: reason ? 'failed' : outcome, status, model, pool, user, key };
}

/** Whether a request is listed; `tried` are those for which the key of the filter was asked at any time. */
export function fits(row: Row, filter: Filter, tried: ReadonlySet<string>): boolean {
  const is = (name: Name, value: string | number | null | undefined) => filter[name] === '' || filter[name] === String(value ?? '');
  return (
    is('outcome', row.outcome) &&
    is('status', row.status) &&
    is('model', row.model) &&
    is('pool', row.pool) &&
    is('user', row.user?.id) &&
    (is('key', row.key) || tried.has(row.id)) &&
    holds(row, filter.search)
  );
}

function holds(row: Row, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  if (!wanted) return true;
  return [row.id, row.path, row.error, row.model, row.user?.name].some((text) => text?.toLowerCase().includes(wanted));
}
