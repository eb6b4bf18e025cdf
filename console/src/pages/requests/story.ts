// What happened to a request, told in a sentence.

import type { Explained, Tried } from '../../api/schema.ts';
import type { Format } from '../../i18n/format.ts';
import type { Text } from '../../i18n/index.tsx';

type Speech = { t: Text; format: Format; keyName: (id: number) => string };

/** Rules that say more than the outcome they decide. */
const TELLING = ['day quota', 'minute quota', 'overloaded', 'too slow upstream'];

function word({ outcome, rule }: Tried): string {
  if (!outcome) return 'left';
  return rule && TELLING.includes(rule) ? rule : outcome;
}

export function story(request: Explained, speech: Speech): string {
  const { t } = speech;
  const head = beginning(request, speech);
  const told = clauses(request, speech);
  if (told.length === 0) return t('requests.story.alone', { head });
  return t('requests.story.with', { head, clauses: told.join(t('requests.story.joiner')) });
}

function beginning(request: Explained, { t, format }: Speech): string {
  const { attempts: count, outcome, joined, found } = request;
  const time = format.duration(request.total_ms);
  const status = String(request.status ?? '');
  if (outcome === 'client_gone') {
    const isBegun = typeof request.first_byte_ms === 'number';
    return t(isBegun ? 'requests.story.gone_amid' : 'requests.story.gone_before', { time });
  }
  if (outcome === 'complete') {
    if (joined) return t('requests.story.joined', { time });
    return count === 1 ? t('requests.story.at_once') : t('requests.story.answered', { count });
  }
  if (joined) return t('requests.story.joined_failed', { status });
  if (count === 0) return t(found ? 'requests.story.no_key' : 'requests.story.refused', { status });
  const isCut = typeof request.status === 'number' && request.status < 400;
  return t(isCut ? 'requests.story.cut' : 'requests.story.failed', { status, count });
}

/** What each key did; those beside each other that did the same are told together. */
function clauses(request: Explained, { t, format, keyName }: Speech): string[] {
  const groups: { word: string; all: Tried[] }[] = [];
  for (const tried of request.tried) {
    const last = groups.at(-1);
    if (last?.word === word(tried) && last.word !== 'success') last.all.push(tried);
    else groups.push({ word: word(tried), all: [tried] });
  }
  const told = groups.map(({ word, all }) => {
    const [first] = all;
    const time = format.duration(first?.took_ms ?? 0);
    if (all.length > 1) return t.of('requests.did_many', word, { count: all.length });
    return t.of('requests.did', word, { key: first ? keyName(first.key) : '', time });
  });
  const more = request.attempts - request.tried.length;
  return more > 0 && request.tried.length > 0 ? [...told, t('requests.story.more', { count: more })] : told;
}
