// Dialogs: the browser's own, which keeps focus inside and gives it back.

import { createContext, useCallback, useContext, useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { useText } from '../i18n/index.tsx';
import { Button, IconButton } from './button.tsx';

type DialogProps = {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the foot. */
  actions?: ReactNode;
  wide?: boolean;
  /** Whether Escape and the cross are closed, as while something is being sent. */
  held?: boolean;
};

export function Dialog({ title, onClose, children, actions, wide = false, held = false }: DialogProps) {
  const t = useText();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (!held) onClose();
      }}
      className={`max-h-[calc(100dvh-32px)] w-[calc(100vw-32px)] rounded-md border border-line bg-surface p-0 text-ink shadow-float ${
        wide ? 'max-w-[840px]' : 'max-w-[520px]'
      }`}
    >
      <div className="flex max-h-[calc(100dvh-34px)] flex-col">
        <header className="flex items-center justify-between gap-4 px-5 pt-4 pb-2">
          <h2 id={id} className="text-base">
            {title}
          </h2>
          <IconButton icon="close" label={t('ui.close')} onClick={onClose} disabled={held} />
        </header>
        <div className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 py-2">{children}</div>
        {actions && <footer className="flex flex-wrap justify-end gap-2 px-5 pt-3 pb-4">{actions}</footer>}
      </div>
    </dialog>
  );
}

export type Question = {
  title: string;
  /** What will happen, in numbers. */
  text: ReactNode;
  /** The word on the button that does it. */
  act: string;
  danger?: boolean;
};

type Ask = (question: Question) => Promise<boolean>;
const Context = createContext<Ask>(() => Promise.resolve(false));

/** Asks before something is done: resolves to whether it should be. */
export const useConfirm = (): Ask => useContext(Context);

export function Confirmations({ children }: { children: ReactNode }) {
  const t = useText();
  const [asked, setAsked] = useState<{ question: Question; answer: (yes: boolean) => void } | null>(null);
  const ask = useCallback<Ask>((question) => new Promise((answer) => setAsked({ question, answer })), []);
  const close = (yes: boolean) => {
    asked?.answer(yes);
    setAsked(null);
  };
  return (
    <Context.Provider value={ask}>
      {children}
      {asked && (
        <Dialog
          title={asked.question.title}
          onClose={() => close(false)}
          actions={
            <>
              <Button onClick={() => close(false)}>{t('ui.cancel')}</Button>
              <Button look={asked.question.danger ? 'danger' : 'primary'} onClick={() => close(true)}>
                {asked.question.act}
              </Button>
            </>
          }
        >
          <div>{asked.question.text}</div>
        </Dialog>
      )}
    </Context.Provider>
  );
}
