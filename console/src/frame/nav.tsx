// The side bar; on narrow screens a bar at the foot with five entries and more.

import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { usePools } from '../api/queries.ts';
import { useFormat, useLanguage, useText, type TextKey } from '../i18n/index.tsx';
import { IconButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { useSignOut } from './sign-out.ts';
import { useTheme } from './theme.ts';

type Entry = { to: string; name: TextKey; icon: IconName };

const ENTRIES: Entry[] = [
  { to: '/', name: 'frame.overview', icon: 'overview' },
  { to: '/requests', name: 'frame.requests', icon: 'requests' },
  { to: '/keys', name: 'frame.keys', icon: 'keys' },
  { to: '/pools', name: 'frame.pools', icon: 'pools' },
  { to: '/users', name: 'frame.users', icon: 'users' },
  { to: '/models', name: 'frame.models', icon: 'models' },
  { to: '/usage', name: 'frame.usage', icon: 'usage' },
  { to: '/connect', name: 'frame.connect', icon: 'connect' },
  { to: '/playground', name: 'frame.playground', icon: 'playground' },
  { to: '/settings', name: 'frame.settings', icon: 'settings' },
];
const AT_FOOT = ['/', '/requests', '/keys', '/pools', '/usage'];

function useHere() {
  const [location] = useLocation();
  return (to: string) => (to === '/' ? location === '/' : location === to || location.startsWith(`${to}/`));
}

/** How many there are, beside an entry. */
function Count({ of }: { of: string }) {
  const format = useFormat();
  const pools = usePools();
  const keys = pools.data?.reduce((sum, pool) => sum + pool.keys.total, 0);
  const count = of === '/keys' ? keys : of === '/pools' ? pools.data?.length : undefined;
  return count === undefined ? null : <span className="ml-auto text-xs text-muted">{format.short(count)}</span>;
}

function Entries({ onChosen }: { onChosen?: () => void }) {
  const t = useText();
  const isHere = useHere();
  return ENTRIES.map(({ to, name, icon }) => (
    <Link
      key={to}
      href={to}
      onClick={onChosen}
      aria-current={isHere(to) ? 'page' : undefined}
      className={`flex h-9 items-center gap-3 rounded-md px-3 ${
        isHere(to) ? 'bg-accent-soft font-medium text-accent' : 'text-muted hover:bg-sunken hover:text-ink'
      }`}
    >
      <Icon name={icon} />
      {t(name)}
      <Count of={to} />
    </Link>
  ));
}

function Choices() {
  const t = useText();
  const { language, choose } = useLanguage();
  const [theme, toggle] = useTheme();
  const signOut = useSignOut();
  return (
    <div className="flex items-center gap-1">
      <LanguageButton language={language} choose={choose} />
      <IconButton icon="theme" label={t(theme === 'dark' ? 'frame.to_light' : 'frame.to_dark')} onClick={toggle} />
      <IconButton icon="leave" label={t('frame.sign_out')} onClick={signOut} />
    </div>
  );
}

type LanguageProps = Pick<ReturnType<typeof useLanguage>, 'language' | 'choose'>;

/** Each language is named in itself, so that it is found by who cannot read the other. */
export function LanguageButton({ language, choose }: LanguageProps) {
  const t = useText();
  return (
    <button
      type="button"
      lang={language === 'en' ? 'zh-CN' : 'en'}
      onClick={() => choose(language === 'en' ? 'zh-CN' : 'en')}
      className="inline-flex h-8 items-center rounded-md px-2 text-muted hover:bg-sunken hover:text-ink"
    >
      {t('frame.other_language')}
    </button>
  );
}

export function SideBar() {
  const t = useText();
  return (
    <div className="sticky top-0 hidden h-dvh w-52 shrink-0 flex-col gap-4 border-r border-line bg-surface px-3 py-4 min-[900px]:flex">
      <Brand />
      <nav aria-label={t('frame.pages')} className="flex min-h-0 flex-1 flex-col gap-0.5 overflow-y-auto">
        <Entries />
      </nav>
      <Choices />
    </div>
  );
}

export function Brand() {
  const t = useText();
  return (
    <span className="flex items-center gap-2 px-3 text-base font-medium">
      <svg aria-hidden="true" width="20" height="20" viewBox="0 0 24 24" className="text-accent">
        <path fill="currentColor" d="M12 1.500l2.6 7.9 7.9 2.6-7.9 2.600L12 22.500l-2.6-7.900L1.5 12l7.9-2.600z" />
      </svg>
      {t('frame.pollux')}
    </span>
  );
}

export function FootBar() {
  const t = useText();
  const isHere = useHere();
  const [open, setOpen] = useState(false);
  const entries = ENTRIES.filter(({ to }) => AT_FOOT.includes(to));
  const item = 'flex min-w-0 flex-1 flex-col items-center gap-0.5 py-1.5 text-xs tracking-tight';
  return (
    <>
      <nav aria-label={t('frame.pages')} className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface min-[900px]:hidden">
        {entries.map(({ to, name, icon }) => (
          <Link key={to} href={to} aria-current={isHere(to) ? 'page' : undefined} className={`${item} ${isHere(to) ? 'text-accent' : 'text-muted'}`}>
            <Icon name={icon} size={20} />
            <span className="max-w-full truncate">{t(name)}</span>
          </Link>
        ))}
        <button type="button" aria-haspopup="dialog" className={`${item} text-muted`} onClick={() => setOpen(true)}>
          <Icon name="more" size={20} />
          {t('frame.more')}
        </button>
      </nav>
      {open && (
        <Dialog title={t('frame.pages')} onClose={() => setOpen(false)} actions={<Choices />}>
          <nav aria-label={t('frame.more')} className="flex flex-col gap-0.5">
            <Entries onChosen={() => setOpen(false)} />
          </nav>
        </Dialog>
      )}
    </>
  );
}
