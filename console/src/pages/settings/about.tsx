// About: what runs here, since when, and how it sees whoever asks.

import { useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.ts';
import { useSession } from '../../api/queries.ts';
import type { Server } from '../../api/schema.ts';
import { Section } from '../../frame/page.tsx';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Shown } from '../../ui/state.tsx';
import { Ago } from '../../ui/time.tsx';

export function About() {
  const t = useText();
  const format = useFormat();
  const session = useSession();
  const server = useQuery<Server>({ queryKey: ['server'], queryFn: ({ signal }) => get<Server>('/server', {}, signal) });
  return (
    <Section title={t('settings.about.title')}>
      <div className="card p-4">
        <Shown of={server}>
          {(it) => (
            <Facts
              facts={[
                { name: t('settings.about.version'), value: it.version },
                { name: t('settings.about.started'), value: <Ago at={it.started_at} /> },
                { name: t('settings.about.clock'), value: t('settings.about.clock_is', { local: format.exact(it.now), pacific: format.pacific(it.now) }) },
                { name: t('settings.about.database'), value: it.database },
                { name: t('settings.about.address'), value: <><code className="font-mono">{it.address_seen ?? t('ui.none')}</code><p className="text-xs text-muted">{t('settings.about.address_help')}</p></> },
                { name: t('settings.about.you'), value: session.data ? `${session.data.name}, ${t.of('settings.role', session.data.role)}` : '' },
                { name: t('settings.about.api'), value: <a href="/admin/api/openapi.json" className="text-accent underline underline-offset-2">{t('settings.about.openapi')}</a> },
              ]}
            />
          )}
        </Shown>
      </div>
    </Section>
  );
}
