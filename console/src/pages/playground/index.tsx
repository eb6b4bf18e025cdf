// A chat to try: the conversation left, and what became of its last request right.

import { useState } from 'react';
import { revealAccessKey, useCallers } from '../../api/access-keys.ts';
import { useMayChange } from '../../api/queries.ts';
import type { User } from '../../api/schema.ts';
import { Page, Section } from '../../frame/page.tsx';
import { useText } from '../../i18n/index.tsx';
import { useParam } from '../../ui/address.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { Empty, Failed, Shown } from '../../ui/state.tsx';
import { useToast } from '../../ui/toast.tsx';
import { Nobody } from '../connect/nobody.tsx';
import { usePlace } from '../connect/place.ts';
import { Explanation } from '../requests/explained.tsx';
import type { Message, ToolCall } from './chat.ts';
import { Composer } from './composer.tsx';
import { useConversation, type Conversation } from './conversation.ts';
import { NO_OPTIONS, OptionsForm, toolsOf, type Options } from './options.tsx';
import { Answered, Results, Turns } from './turns.tsx';

export default function Playground() {
  const t = useText();
  const callers = useCallers();
  const mayReveal = useMayChange();
  return (
    <Page title={t('playground.title')}>
      {mayReveal ? (
        <Shown of={callers}>{(users) => <Room users={users} />}</Shown>
      ) : (
        <Empty title={t('playground.viewer')} text={t('playground.viewer_text')} />
      )}
    </Page>
  );
}

function Room({ users }: { users: User[] }) {
  const [as, setAs] = useParam('as');
  const user = users.find((it) => String(it.id) === as) ?? users[0];
  if (!user) return <Nobody />;
  return <Chat users={users} user={user} choose={(id) => setAs(id)} />;
}

type ChatProps = { users: User[]; user: User; choose: (id: string) => void };

function Chat({ users, user, choose }: ChatProps) {
  const t = useText();
  const toast = useToast();
  const { models, model, setModel } = usePlace(user);
  const [options, setOptions] = useState<Options>(NO_OPTIONS);
  const conversation = useConversation();
  const tools = toolsOf(options);
  const send = async (said: Message[]) => {
    if (!tools) return;
    try {
      const key = await revealAccessKey(user.id);
      await conversation.send({ ...options, key, model, tools }, said);
    } catch (error) {
      toast.failed(error);
    }
  };
  const named = users.map((it) => ({ value: String(it.id), label: t(it.of_pool ? 'connect.caller_pool' : 'connect.caller_user', { name: it.name, last4: it.last4 }) }));
  return (
    <div className="grid min-w-0 gap-6 min-[1100px]:grid-cols-[minmax(0,1fr)_minmax(0,440px)]">
      <div className="flex min-w-0 flex-col gap-4">
        <div className="grid gap-4 min-[600px]:grid-cols-2">
          <Field label={t('connect.access_key')}>
            <Select value={String(user.id)} choices={named} onChange={(event) => choose(event.target.value)} />
          </Field>
          <Field label={t('connect.model')}>
            <Select value={model} choices={models.map((id) => ({ value: id, label: id }))} onChange={(event) => setModel(event.target.value)} />
          </Field>
        </div>
        <OptionsForm options={options} change={(change) => setOptions({ ...options, ...change })} />
        <Spoken conversation={conversation} send={(said) => void send(said)} />
        <Composer busy={conversation.coming !== null} disabled={!tools} send={(message) => void send([message])} stop={conversation.stop} />
      </div>
      <Section title={t('playground.what_became')}>
        {conversation.coming ? (
          <p className="text-muted">{t('playground.coming')}</p>
        ) : conversation.requestId ? (
          <Explanation key={conversation.requestId} id={conversation.requestId} />
        ) : (
          <p className="text-muted">{t('playground.what_became_empty')}</p>
        )}
      </Section>
    </div>
  );
}

/** The calls of the last answer that nobody has answered yet. */
function open(conversation: Conversation): ToolCall[] {
  const last = conversation.turns.at(-1)?.message;
  return last?.role === 'assistant' && !conversation.coming ? (last.tool_calls ?? []) : [];
}

function Spoken({ conversation, send }: { conversation: Conversation; send: (said: Message[]) => void }) {
  const t = useText();
  const { turns, coming, error, clear } = conversation;
  const calls = open(conversation);
  if (turns.length === 0 && !coming) return <p className="text-muted">{t('playground.empty')}</p>;
  return (
    <section aria-label={t('playground.conversation')} className="flex flex-col gap-4">
      <Turns turns={turns} />
      <div aria-live="polite" aria-busy={coming !== null}>
        {coming && (
          <Answered answer={coming.answer}>
            <p className="text-xs text-muted">{t('playground.coming')}</p>
          </Answered>
        )}
      </div>
      {calls.length > 0 && <Results key={turns.length} calls={calls} send={send} />}
      {error !== null && <Failed error={error} />}
      <div>
        <Button look="quiet" icon="trash" onClick={clear}>
          {t('playground.clear')}
        </Button>
      </div>
    </section>
  );
}
