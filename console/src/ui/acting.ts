// An act that is sent to the server: whether it runs, and what the server says is wrong with which field.

import { useState } from 'react';
import { Trouble } from '../api/client.ts';
import { useToast } from './toast.tsx';

type Refusal = { field: string; message: string };
type Acting = {
  busy: boolean;
  /** What is wrong with a field, and with those below it. */
  error: (field: string) => string | null;
  refusal: Refusal | null;
  /** Whether it was done; what fails without a field of the form is told in a note. */
  run: (act: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
};

/** `fields` are those of the form: what is wrong with others is told in a note. */
export function useActing(fields: string[] = []): Acting {
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const run = async (act: () => Promise<unknown>) => {
    setBusy(true);
    setRefusal(null);
    try {
      await act();
      return true;
    } catch (error) {
      const field = error instanceof Trouble ? error.field : null;
      if (error instanceof Trouble && field && fields.some((name) => field === name || field.startsWith(`${name}.`))) {
        setRefusal({ field, message: error.message });
      } else toast.failed(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, refusal, run, error: (field) => (refusal?.field === field ? refusal.message : null), clear: () => setRefusal(null) };
}
