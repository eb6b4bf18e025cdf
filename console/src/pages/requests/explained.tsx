// One request explained: what happened, why, and what Google said. The playground shows it too.

import { useCallback, type ReactNode } from 'react';
import { useKeyName } from '../../api/names.ts';
import { queries } from '../../api/queries.ts';
import { useEvent } from '../../api/live.ts';
import type { Explained, RequestSummary } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Pill } from '../../ui/pill.tsx';
import { Failed, Loading } from '../../ui/state.tsx';
import { Candidates } from './candidates.tsx';
import { useRequest } from './data.ts';
import { Facts } from './facts.tsx';
import { ofSummary, type Row } from './row.ts';
import { story } from './story.ts';
import { toneOf } from './tone.ts';
import { Waterfall } from './waterfall.tsx';

const AGAIN_MS = 1_000;

type ExplanationProps = {
  id: string;
  /** In place of waiting, where nobody knows the request. */
  otherwise?: ReactNode;
};

/** Explains a request as soon as it is over. */
export function Explanation({ id, otherwise }: ExplanationProps) {
  const t = useText();
  const known = useRequest(id, otherwise === undefined ? AGAIN_MS : false);
  useEvent(
    'request',
    useCallback((event: RequestSummary) => void (event.id === id && queries.invalidateQueries({ queryKey: ['request', id] })), [id]),
  );
  if (known.data === undefined) {
    return known.error ? <Failed error={known.error} again={() => void known.refetch()} /> : <Loading lines={4} className="h-12" />;
  }
  if (known.data === null) {
    return (
      otherwise ?? (
        <div className="flex flex-col gap-2">
          <p className="text-muted">{t('requests.under_way')}</p>
          <Loading lines={3} className="h-10" />
        </div>
      )
    );
  }
  return 'explained' in known.data ? <Whole request={known.data.explained} /> : <Logged row={known.data.logged} />;
}

function Whole({ request }: { request: Explained }) {
  const t = useText();
  const format = useFormat();
  const keyName = useKeyName();
  return (
    <div className="@container flex min-w-0 flex-col gap-6">
      <Told row={ofSummary(request)} text={story(request, { t, format, keyName })} />
      <Section title={t('requests.waterfall')} note={t('requests.waterfall_note')}>
        <Waterfall request={request} />
      </Section>
      {request.found && (
        <Section title={t('requests.candidates')} note={t('requests.candidates_note')}>
          <Candidates found={request.found} tried={request.tried} />
        </Section>
      )}
      <Section title={t('requests.facts')}>
        <Facts row={ofSummary(request)} />
      </Section>
    </div>
  );
}

/** What the log has, which keeps requests longer and less of them. */
function Logged({ row }: { row: Row }) {
  const t = useText();
  const head = t(`requests.logged.${row.outcome === 'complete' ? 'complete' : row.outcome === 'failed' ? 'failed' : 'client_gone'}`, {
    status: String(row.status ?? ''),
    count: row.attempts,
  });
  const why = row.reason ? t('requests.story.with', { head, clauses: t.of('requests.reason', row.reason) }) : t('requests.story.alone', { head });
  return (
    <div className="@container flex min-w-0 flex-col gap-6">
      <Told row={row} text={why} />
      <p role="note" className="rounded-md bg-sunken p-3 text-muted">
        {t('requests.logged_note')}
      </p>
      <Section title={t('requests.facts')}>
        <Facts row={row} />
      </Section>
    </div>
  );
}

/** The sentence on top, and what the client was told of a failure. */
function Told({ row, text }: { row: Row; text: string }) {
  const t = useText();
  return (
    <div className="flex flex-col gap-2">
      <Pill tone={toneOf(row.outcome)}>
        {t.of('requests.outcome', row.outcome)}
        {row.status !== null && ` · ${row.status}`}
      </Pill>
      <p className="text-base" data-testid="story">
        {text}
      </p>
      {row.error && (
        <figure className="rounded-md bg-bad-soft p-3 text-bad">
          <figcaption className="text-xs">{t('requests.told_client')}</figcaption>
          <blockquote className="break-words whitespace-pre-line">{row.error}</blockquote>
        </figure>
      )}
    </div>
  );
}
