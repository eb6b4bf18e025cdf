// A field for several words: by commas or lines.

import { useState } from 'react';
import { TextArea } from './field.tsx';

type SeveralProps = { values: string[]; onChange: (values: string[]) => void; placeholder?: string; disabled?: boolean; onFocus?: () => void };

const parted = (text: string) => text.split(/[,\n]/).map((it) => it.trim()).filter(Boolean);

/** What is typed stays as it is typed until it is left. */
export function Several({ values, onChange, placeholder, disabled, onFocus }: SeveralProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? values.join(', ');
  return (
    <TextArea
      rows={Math.min(6, Math.max(1, Math.ceil(text.length / 60), text.split('\n').length))}
      value={text}
      placeholder={placeholder}
      disabled={disabled}
      onFocus={onFocus}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(parted(event.target.value));
      }}
      onBlur={() => setTyped(null)}
    />
  );
}
