// A conversation: what was said, what is being said, and what failed. It lives as long as the page.

import { useCallback, useRef, useState } from 'react';
import { ask, type Message, type Progress, type Question, type Usage } from './chat.ts';

/** A message with what is known of how it came about. */
export type Turn = { message: Message; requestId?: string | null; usage?: Usage | null; finish?: string | null };

export type Conversation = {
  turns: Turn[];
  /** The answer that is coming. */
  coming: Progress | null;
  error: unknown;
  /** The last request, for the explanation beside it. */
  requestId: string | null;
  send: (question: Omit<Question, 'messages'>, said: Message[]) => Promise<void>;
  stop: () => void;
  clear: () => void;
};

export function useConversation(): Conversation {
  const [turns, setTurns] = useState<Turn[]>([]);
  const [coming, setComing] = useState<Progress | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [requestId, setRequestId] = useState<string | null>(null);
  const abort = useRef<AbortController | null>(null);

  const send = useCallback(
    async (question: Omit<Question, 'messages'>, said: Message[]) => {
      const before = [...turns, ...said.map((message) => ({ message }))];
      setTurns(before);
      setError(null);
      setRequestId(null);
      const controller = new AbortController();
      abort.current = controller;
      let last: Progress | null = null;
      const tell = (progress: Progress) => {
        last = progress;
        setComing(progress);
        setRequestId(progress.requestId);
      };
      const keep = (progress: Progress | null) => {
        if (!progress || isNothing(progress)) return;
        const { answer, ...about } = progress;
        setTurns([...before, { message: answer, ...about }]);
      };
      try {
        keep(await ask({ ...question, messages: before.map((turn) => turn.message) }, controller.signal, tell));
      } catch (failure) {
        // What came before it was stopped or broke stays to be read.
        keep(last);
        if (!controller.signal.aborted) setError(failure);
      } finally {
        setComing(null);
        abort.current = null;
      }
    },
    [turns],
  );
  const stop = useCallback(() => abort.current?.abort(), []);
  const clear = useCallback(() => {
    abort.current?.abort();
    setTurns([]);
    setError(null);
    setRequestId(null);
  }, []);
  return { turns, coming, error, requestId, send, stop, clear };
}

function isNothing({ answer, finish }: Progress): boolean {
  return !answer.content && !answer.reasoning_content && !answer.tool_calls && !answer.images && finish === null;
}
