// Where requests are listed from: the last ones, as they end, or the log.

import { useText } from '../../i18n/index.tsx';
import { useParams } from '../../ui/address.ts';

const SOURCES = ['live', 'log'] as const;

export function Sources() {
  const t = useText();
  const [read, change] = useParams();
  const chosen = read('source') ?? 'live';
  const choose = (source: string) => change({ source: source === 'live' ? null : source, ...(source === 'live' ? { reason: null } : {}) }, true);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div role="group" aria-label={t('requests.source')} className="inline-flex rounded-md border border-edge p-0.5">
        {SOURCES.map((source) => (
          <button
            key={source}
            type="button"
            aria-pressed={chosen === source}
            onClick={() => choose(source)}
            className={`min-h-7 rounded-md px-3 font-medium ${chosen === source ? 'bg-accent-soft text-accent' : 'text-muted hover:text-ink'}`}
          >
            {t(`requests.source.${source}`)}
          </button>
        ))}
      </div>
      <p className="min-w-0 text-xs text-muted">{t(chosen === 'log' ? 'requests.source.log_note' : 'requests.source.live_note')}</p>
    </div>
  );
}
