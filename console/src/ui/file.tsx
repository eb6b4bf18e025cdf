// A button by which a file is chosen and read here; nothing is sent.

import { useRef } from 'react';
import { Button } from './button.tsx';

type FileProps = { label: string; accept?: string; onText: (text: string, name: string) => void };

export function FileButton({ label, accept, onText }: FileProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        tabIndex={-1}
        aria-label={label}
        accept={accept}
        className="sr-only"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          // The same file may be chosen again after it was changed.
          event.target.value = '';
          if (file) void file.text().then((text) => onText(text, file.name));
        }}
      />
      <Button icon="upload" onClick={() => input.current?.click()}>
        {label}
      </Button>
    </>
  );
}
