// A moment to choose, in the time of whoever chooses.

import { Input } from './field.tsx';

type MomentInputProps = { at: string | null; onChange: (at: string | null) => void; disabled?: boolean };

const two = (value: number) => String(value).padStart(2, '0');

/** As the browser's control writes it: local, to the minute. */
export function local(at: string): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function MomentInput({ at, onChange, disabled }: MomentInputProps) {
  return (
    <Input
      type="datetime-local"
      max="9999-12-31T23:59"
      disabled={disabled}
      value={at ? local(at) : ''}
      onChange={(event) => onChange(event.target.value ? new Date(event.target.value).toISOString() : null)}
    />
  );
}
