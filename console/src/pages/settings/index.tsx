// Settings: the server's own, who administers, what was changed, and copies of the keys.

import { useLocation } from 'wouter';
import { Page } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { SettingsForm } from '../../ui/settings/form.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { About } from './about.tsx';
import { Access } from './access/index.tsx';
import { Audit } from './audit/index.tsx';
import { Backup } from './backup/index.tsx';

const PARTS = ['server', 'access', 'audit', 'backup', 'about'] as const;
type Part = (typeof PARTS)[number];

const address = (part: Part) => (part === 'server' ? '/settings' : `/settings/${part}`);

export default function Settings() {
  const t = useText();
  const [location] = useLocation();
  const part = PARTS.find((it) => address(it) === location) ?? 'server';
  return (
    <Page title={t('settings.title')}>
      <Tabs label={t('settings.parts')} items={PARTS.map((it) => ({ to: address(it), label: t(`settings.part.${it}`) }))} />
      {part === 'server' && <SettingsForm owner={null} />}
      {part === 'access' && <Access />}
      {part === 'audit' && <Audit />}
      {part === 'backup' && <Backup />}
      {part === 'about' && <About />}
    </Page>
  );
}
