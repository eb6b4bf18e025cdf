// Leaving: the session ends on the server, and nothing of what was shown stays here.

import { useCallback } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { useToast } from '../ui/toast.tsx';

/** Ends the session here and forgets what was shown. */
export function useSignOut(): () => void {
  const toast = useToast();
  return useCallback(() => {
    ask('DELETE', '/session').then(
      () => {
        queries.setQueryData(['session'], null);
        queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
      },
      (error: unknown) => toast.failed(error),
    );
  }, [toast]);
}
