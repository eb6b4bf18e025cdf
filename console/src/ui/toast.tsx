// Short notes at the foot of the page: what was done, with a way back where there is one.

import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import { Trouble } from '../api/client.ts';
import { useText } from '../i18n/index.tsx';
import { Button, IconButton } from './button.tsx';
import { explain } from './state.tsx';

const LASTS_MS = 6_000;
const UNDO_MS = 10_000;

type Note = { id: number; text: string; bad: boolean; undo: (() => void) | null };
type Tell = {
  /** Says what was done. */
  done: (text: string) => void;
  /** Says what was done, and offers to undo it for ten seconds. */
  undoable: (text: string, undo: () => void) => void;
  /** Says what failed, until it is closed. */
  failed: (error: unknown) => void;
};
const Context = createContext<Tell | null>(null);

export function useToast(): Tell {
  const tell = useContext(Context);
  if (!tell) throw new Error('there is no place for notes');
  return tell;
}

export function Toasts({ children }: { children: ReactNode }) {
  const t = useText();
  const [notes, setNotes] = useState<Note[]>([]);
  const last = useRef(0);
  const drop = useCallback((id: number) => setNotes((all) => all.filter((it) => it.id !== id)), []);
  const add = useCallback(
    (note: Omit<Note, 'id'>, lasts: number | null) => {
      const id = (last.current += 1);
      setNotes((all) => [...all.slice(-3), { ...note, id }]);
      if (lasts !== null) setTimeout(() => drop(id), lasts);
    },
    [drop],
  );
  const tell = useMemo<Tell>(
    () => ({
      done: (text) => add({ text, bad: false, undo: null }, LASTS_MS),
      undoable: (text, undo) => add({ text, bad: false, undo }, UNDO_MS),
      failed: (error) => {
        const { title, text } = explain(t, error);
        const reference = error instanceof Trouble && error.requestId ? ` (${error.requestId})` : '';
        add({ text: `${title} ${text}${reference}`, bad: true, undo: null }, null);
      },
    }),
    [add, t],
  );
  return (
    <Context.Provider value={tell}>
      {children}
      <div
        role="status"
        aria-live="polite"
        className="pointer-events-none fixed inset-x-0 bottom-16 z-40 flex flex-col items-center gap-2 px-4 min-[900px]:bottom-6"
      >
        {notes.map((note) => (
          <div
            key={note.id}
            className={`appears pointer-events-auto flex max-w-[640px] items-center gap-3 rounded-md border bg-surface py-1 pr-1 pl-4 shadow-float ${
              note.bad ? 'border-bad text-bad' : 'border-line'
            }`}
          >
            <span className="min-w-0 py-1 break-words">{note.text}</span>
            {note.undo && (
              <Button
                look="quiet"
                onClick={() => {
                  note.undo?.();
                  drop(note.id);
                }}
              >
                {t('ui.undo')}
              </Button>
            )}
            <IconButton icon="close" label={t('ui.close')} onClick={() => drop(note.id)} />
          </div>
        ))}
      </div>
    </Context.Provider>
  );
}
