// The door: where the password is to be found, and when it should not be typed here.

import { useState, type FormEvent } from 'react';
import { ask, Trouble } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import type { SignedIn } from '../../api/schema.ts';
import { Brand, LanguageButton } from '../../frame/nav.tsx';
import { useTheme } from '../../frame/theme.ts';
import { useLanguage, useText } from '../../i18n/index.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { explain } from '../../ui/state.tsx';

const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

/** Whether anyone between here and the server can read what is typed. */
const isReadable = () => location.protocol === 'http:' && !THIS_MACHINE.includes(location.hostname);

export function SignIn() {
  const t = useText();
  const { language, choose } = useLanguage();
  const [theme, toggle] = useTheme();
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex items-center justify-between p-3">
        <Brand />
        <span className="flex items-center gap-1">
          <LanguageButton language={language} choose={choose} />
          <IconButton icon="theme" label={t(theme === 'dark' ? 'frame.to_light' : 'frame.to_dark')} onClick={toggle} />
        </span>
      </header>
      <main className="mx-auto flex w-full max-w-[420px] flex-1 flex-col justify-center gap-4 px-4 pb-24">
        <h1 className="text-xl">{t('sign-in.title')}</h1>
        {isReadable() && (
          <p role="note" className="flex gap-2 rounded-md bg-warn-soft p-3 text-warn">
            <Icon name="warning" size={20} />
            {t('sign-in.plain_http')}
          </p>
        )}
        <Form />
        <Help />
      </main>
    </div>
  );
}

function Form() {
  const t = useText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, password] = [String(form.get('name') ?? '').trim(), String(form.get('password') ?? '')];
    setBusy(true);
    setError(null);
    try {
      const session = await ask<SignedIn>('POST', '/session', { body: { password, ...(name ? { name } : {}) } });
      queries.setQueryData(['session'], session);
    } catch (failure) {
      setError(told(failure));
      setBusy(false);
    }
  };
  const told = (failure: unknown): string => {
    if (failure instanceof Trouble && failure.status === 401) return t('sign-in.wrong');
    if (failure instanceof Trouble && failure.status === 429) return t('sign-in.too_many');
    const { title, text } = explain(t, failure);
    return `${title} ${text}`;
  };
  return (
    <form onSubmit={(event) => void send(event)} className="card flex flex-col gap-4 p-5">
      <Field label={t('sign-in.name')} help={t('sign-in.name_help')}>
        <Input name="name" autoComplete="username" placeholder="admin" />
      </Field>
      <Field label={t('sign-in.password')} error={error}>
        <Input name="password" type="password" autoComplete="current-password" autoFocus required />
      </Field>
      <Button look="primary" type="submit" busy={busy}>
        {t('sign-in.act')}
      </Button>
    </form>
  );
}

function Help() {
  const t = useText();
  return (
    <details className="text-muted">
      <summary>{t('sign-in.where')}</summary>
      <div className="flex flex-col gap-2 pt-2">
        <p>{t('sign-in.where_first')}</p>
        <p>{t('sign-in.where_lost')}</p>
        <code className="rounded-md bg-sunken p-2 font-mono break-all">{t('sign-in.where_variable')}</code>
      </div>
    </details>
  );
}
