// What was used, by whom and of what: one chart, and the table that is its legend.

import { address } from '../../api/client.ts';
import { Page } from '../../frame/page.tsx';
import { PoolScope, RangeScope } from '../../frame/scope.tsx';
import { useText } from '../../i18n/index.tsx';
import type { Series } from '../../ui/chart.tsx';
import { FileLink, LinkButton } from '../../ui/button.tsx';
import { Empty, Shown } from '../../ui/state.tsx';
import { useChoice } from './choice.ts';
import { Controls } from './controls.tsx';
import { CourseChart } from './course.tsx';
import { asked, DRAWN, useAccount, type Account } from './data.ts';
import { OTHERS, useHidden, useTints } from './hidden.ts';
import { Legend } from './legend.tsx';
import { useEntryName } from './speech.ts';
import { Totals } from './totals.tsx';

export default function UsagePage() {
  const t = useText();
  const [choice, change] = useChoice();
  const account = useAccount(choice);
  return (
    <Page
      title={t('usage.title')}
      scope={
        <>
          <PoolScope />
          <RangeScope otherwise="24h" />
        </>
      }
    >
      <Controls choice={choice} change={change} />
      <Shown of={account} lines={6}>
        {(shown) => <AccountShown account={shown} />}
      </Shown>
    </Page>
  );
}

function AccountShown({ account }: { account: Account }) {
  const { choice } = account;
  const t = useText();
  const name = useEntryName(choice.by);
  const hidden = useHidden();
  const tint = useTints(account.courses.map(({ id }) => id));
  const names = new Map(account.entries.map((entry) => [entry.id, name(entry)]));
  const drawn: Series[] = account.courses
    .filter(({ id }) => !hidden.has(id))
    .map(({ id, values }) => ({ name: names.get(id) ?? id, values, tint: tint(id) }));
  const rest = account.entries.length - DRAWN;
  if (account.others && rest > 0 && !hidden.has(OTHERS)) drawn.push({ name: t('usage.others', { count: rest }), values: account.others, tint: DRAWN });
  return (
    <>
      <Totals now={account.whole} before={account.wholeBefore} range={choice.range} />
      {account.entries.length === 0 ? (
        <div className="card">
          <Empty title={t('usage.empty')} text={t('usage.empty_text')}>
            <LinkButton to="/connect">{t('requests.none_connect')}</LinkButton>
          </Empty>
        </div>
      ) : (
        <>
          <CourseChart choice={choice} times={account.times} series={drawn} />
          <Legend account={account} hidden={hidden} tint={tint} />
          <Files account={account} />
        </>
      )}
    </>
  );
}

/** Files of what is shown: its course, and its sums. */
function Files({ account }: { account: Account }) {
  const { choice } = account;
  const t = useText();
  const query = { ...asked(choice, account.since, account.until), format: 'csv' };
  const files = [
    { name: t('usage.file_sums'), href: address('/usage', query), file: 'usage.csv' },
    { name: t('usage.file_steps', { step: t(`usage.step.${choice.step}`) }), href: address('/usage', { ...query, step: choice.step }), file: `usage-by-${choice.step}.csv` },
  ];
  return (
    <div className="flex flex-wrap gap-2">
      {files.map(({ name, href, file }) => (
        <FileLink key={file} href={href} file={file}>
          {name}
        </FileLink>
      ))}
    </div>
  );
}
