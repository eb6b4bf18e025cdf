// How the next answer is asked for.

import { useId } from 'react';
import { useText } from '../../i18n/index.tsx';
import { Field, Input, Select, TextArea } from '../../ui/field.tsx';

export type Options = { system: string; temperature: string; maxTokens: string; effort: string; tools: string };
export const NO_OPTIONS: Options = { system: '', temperature: '', maxTokens: '', effort: '', tools: '' };

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high'] as const;
const EXAMPLE = `[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]`;

/** The tools that are declared, or null where the text is no list of them. */
export function toolsOf({ tools }: Options): unknown[] | null {
  if (!tools.trim()) return [];
  try {
    const list: unknown = JSON.parse(tools);
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
}

export function OptionsForm({ options, change }: { options: Options; change: (options: Partial<Options>) => void }) {
  const t = useText();
  const id = useId();
  return (
    <details className="card p-3">
      <summary id={id} className="font-medium">
        {t('playground.options')}
      </summary>
      <div role="group" aria-labelledby={id} className="flex flex-col gap-4 pt-3">
        <Field label={t('playground.system')}>
          <TextArea rows={2} value={options.system} onChange={(event) => change({ system: event.target.value })} />
        </Field>
        <div className="grid gap-4 min-[600px]:grid-cols-3">
          <Field label={t('playground.temperature')} help={t('playground.temperature_help')}>
            <Input type="number" min={0} max={2} step={0.1} value={options.temperature} onChange={(event) => change({ temperature: event.target.value })} />
          </Field>
          <Field label={t('playground.max_tokens')} help={t('playground.max_tokens_help')}>
            <Input type="number" min={1} value={options.maxTokens} onChange={(event) => change({ maxTokens: event.target.value })} />
          </Field>
          <Field label={t('playground.effort')} help={t('playground.effort_help')}>
            <Select
              value={options.effort}
              choices={[{ value: '', label: t('playground.effort.default') }, ...EFFORTS.map((it) => ({ value: it, label: t(`playground.effort.${it}`) }))]}
              onChange={(event) => change({ effort: event.target.value })}
            />
          </Field>
        </div>
        <Field label={t('playground.tools')} help={t('playground.tools_help')} error={toolsOf(options) ? null : t('playground.tools_wrong')}>
          <TextArea rows={3} className="font-mono" placeholder={EXAMPLE} value={options.tools} onChange={(event) => change({ tools: event.target.value })} />
        </Field>
      </div>
    </details>
  );
}
