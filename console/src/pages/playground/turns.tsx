// What was said, as it is read.

import { useState, type FormEvent, type ReactNode } from 'react';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Button, TextLink } from '../../ui/button.tsx';
import { Input } from '../../ui/field.tsx';
import type { Answer, Message, ToolCall } from './chat.ts';
import type { Turn } from './conversation.ts';

export function Turns({ turns }: { turns: Turn[] }) {
  return turns.map((turn, index) => <One key={index} turn={turn} />);
}

function One({ turn }: { turn: Turn }) {
  const { message } = turn;
  if (message.role === 'user') return <Said message={message} />;
  if (message.role === 'tool') return <Result message={message} />;
  return (
    <Answered answer={message}>
      <About turn={turn} />
    </Answered>
  );
}

function Said({ message }: { message: Extract<Message, { role: 'user' }> }) {
  const t = useText();
  return (
    <article aria-label={t('playground.you')} className="ml-auto flex max-w-[85%] flex-col gap-2 rounded-md bg-accent-soft px-3 py-2">
      {message.content.map((part, index) =>
        part.type === 'text' ? (
          <p key={index} className="break-words whitespace-pre-wrap">
            {part.text}
          </p>
        ) : (
          <img key={index} src={part.image_url.url} alt={t('playground.your_image')} className="max-h-48 max-w-full rounded-md object-contain" />
        ),
      )}
    </article>
  );
}

function Result({ message }: { message: Extract<Message, { role: 'tool' }> }) {
  const t = useText();
  return (
    <article aria-label={t('playground.result')} className="ml-auto max-w-[85%] rounded-md bg-accent-soft px-3 py-2">
      <p className="text-xs text-muted">{t('playground.result')}</p>
      <code className="font-mono break-words">{message.content}</code>
    </article>
  );
}

/** An answer, whole or as far as it has come. */
export function Answered({ answer, children }: { answer: Answer; children?: ReactNode }) {
  const t = useText();
  return (
    <article aria-label={t('playground.model_said')} className="flex max-w-[95%] flex-col gap-2">
      {answer.reasoning_content && (
        <details className="text-muted">
          <summary>{t('playground.thoughts')}</summary>
          <p className="border-l-2 border-line pt-1 pl-3 break-words whitespace-pre-wrap">{answer.reasoning_content}</p>
        </details>
      )}
      {answer.content && <p className="break-words whitespace-pre-wrap">{answer.content}</p>}
      {answer.images?.map((image, index) => (
        <img key={index} src={image.image_url.url} alt={t('playground.made_image')} className="max-h-96 max-w-full self-start rounded-md object-contain" />
      ))}
      {answer.tool_calls?.map((call) => (
        <div key={call.id} className="rounded-md border border-line p-2">
          <p className="text-xs text-muted">{t('playground.call')}</p>
          <code className="font-mono break-all">{`${call.function.name}(${call.function.arguments})`}</code>
        </div>
      ))}
      {children}
    </article>
  );
}

function About({ turn }: { turn: Turn }) {
  const t = useText();
  const format = useFormat();
  return (
    <p className="flex flex-wrap gap-x-3 text-xs text-muted">
      {turn.finish && turn.finish !== 'stop' && <span>{t.of('playground.finish', turn.finish)}</span>}
      {turn.finish === null && <span>{t('playground.stopped')}</span>}
      {turn.usage && (
        <span>{t('playground.tokens', { prompt: turn.usage.prompt_tokens, answer: format.number(turn.usage.completion_tokens) })}</span>
      )}
      {turn.requestId && <TextLink to={`/requests/${encodeURIComponent(turn.requestId)}`}>{t('playground.request')}</TextLink>}
    </p>
  );
}

/** Asks for what the called tools answer. */
export function Results({ calls, send }: { calls: ToolCall[]; send: (results: Message[]) => void }) {
  const t = useText();
  const [values, setValues] = useState<Record<string, string>>({});
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: values[id] ?? '' })));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2 rounded-md bg-sunken p-3">
      {calls.map((call) => (
        <label key={call.id} className="flex flex-col gap-1">
          <span>{t('playground.result_of', { name: call.function.name })}</span>
          <Input className="font-mono" value={values[call.id] ?? ''} onChange={(event) => setValues({ ...values, [call.id]: event.target.value })} />
        </label>
      ))}
      <div>
        <Button type="submit" look="primary">
          {t('playground.send_results')}
        </Button>
      </div>
    </form>
  );
}
