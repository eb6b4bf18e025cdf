// The keys as a request found them, and why each was passed over.

import type { CandidateView, Found, Tried } from '../../api/schema.ts';
import { useKeyName } from '../../api/names.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { TextLink } from '../../ui/button.tsx';
import { Pill, type Tone } from '../../ui/pill.tsx';

const TONES: Record<string, Tone> = { ready: 'good', tried: 'good', cooling: 'warn', out_of_quota: 'warn', busy: 'warn', revoked: 'bad' };

export function Candidates({ found, tried }: { found: Found; tried: Tried[] }) {
  const t = useText();
  const keyName = useKeyName();
  const { candidates, others, ready, cooling } = found;
  return (
    <div className="flex flex-col gap-2">
      <p className="text-muted">{t('requests.found', { total: candidates.length + others, ready, cooling })}</p>
      <div className="card overflow-x-auto" tabIndex={0} role="region" aria-label={t('requests.candidates')}>
        <table className="w-full border-separate border-spacing-0">
          <thead>
            <tr className="text-left text-xs text-muted">
              <th scope="col" className="h-9 border-b border-line px-4">{t('requests.column.key')}</th>
              <th scope="col" className="h-9 border-b border-line px-4">{t('requests.found_as')}</th>
              <th scope="col" className="h-9 border-b border-line px-4">{t('requests.passed_because')}</th>
            </tr>
          </thead>
          <tbody>
            {candidates.map((candidate) => (
              <tr key={candidate.key} className="group">
                <td className="border-b border-line px-4 py-2 group-last:border-0 whitespace-nowrap">
                  <TextLink to={`/keys/${candidate.key}`}>{keyName(candidate.key)}</TextLink>
                </td>
                <td className="border-b border-line px-4 py-2 group-last:border-0">
                  <Pill tone={TONES[candidate.standing] ?? 'off'}>{t.of('requests.standing_word', candidate.standing)}</Pill>
                </td>
                <td className="border-b border-line px-4 py-2 group-last:border-0">
                  <Because candidate={candidate} numbers={askedAs(candidate.key, tried)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {others > 0 && <p className="text-xs text-muted">{t('requests.others', { count: others })}</p>}
    </div>
  );
}

/** As which attempts a key was asked, from 1. */
const askedAs = (key: number, tried: Tried[]) => tried.flatMap((attempt, index) => (attempt.key === key ? [index + 1] : []));

function Because({ candidate, numbers }: { candidate: CandidateView; numbers: number[] }) {
  const t = useText();
  const format = useFormat();
  if (numbers.length > 0) return t('requests.asked_as', { numbers: numbers.join(', ') });
  const { standing, until, window, quota, reason } = candidate;
  const values = {
    quota: quota ? t.of('requests.quota', quota) : '',
    window: window ? t.of('requests.window', window) : '',
    reason: reason ? t.of('requests.revoked', reason) : '',
  };
  const why = t.of('requests.because', standing, values);
  if (!until) return why;
  return t('requests.because_until', { why, pacific: format.pacific(until), here: format.clock(until) });
}
