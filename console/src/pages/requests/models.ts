// The models that were asked lately, as proposals for the filter.

import { useQuery } from '@tanstack/react-query';
import { get } from '../../api/client.ts';
import type { UsageSeries } from '../../api/schema.ts';

export function useModels(): string[] {
  const asked = useQuery({
    queryKey: ['models-asked'],
    queryFn: async ({ signal }) => {
      const { usage } = await get<UsageSeries>('/usage', { by: 'model', since: new Date(Date.now() - 7 * 86_400_000).toISOString() }, signal);
      return usage.map((row) => row.model).filter((model) => typeof model === 'string');
    },
    staleTime: 60_000,
  });
  return asked.data ?? [];
}
