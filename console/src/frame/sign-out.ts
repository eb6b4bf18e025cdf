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
        queries.clear();
        queries.setQueryData(['session'], null);
      },
      (error: unknown) => toast.failed(error),
    );
  }, [toast]);
}
