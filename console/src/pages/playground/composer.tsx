// Where one writes: text, and pictures beside it.

import { useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import { useText } from '../../i18n/index.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { TextArea } from '../../ui/field.tsx';
import { useToast } from '../../ui/toast.tsx';
import type { Message } from './chat.ts';

type ComposerProps = { busy: boolean; disabled: boolean; send: (message: Message) => void; stop: () => void };

function read(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
}

export function Composer({ busy, disabled, send, stop }: ComposerProps) {
  const t = useText();
  const toast = useToast();
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [images, setImages] = useState<string[]>([]);
  const attach = async (files: FileList | File[]) => {
    try {
      const urls = await Promise.all([...files].filter((file) => file.type.startsWith('image/')).map(read));
      setImages((before) => [...before, ...urls]);
    } catch (error) {
      toast.failed(error);
    }
  };
  const canSend = !busy && !disabled && (text.trim() !== '' || images.length > 0);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!canSend) return;
    const pictures = images.map((url) => ({ type: 'image_url' as const, image_url: { url } }));
    send({ role: 'user', content: [...(text ? [{ type: 'text' as const, text }] : []), ...pictures] });
    setText('');
    setImages([]);
  };
  const press = (event: KeyboardEvent) => {
    // Enter ends a word while Chinese is being composed.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <form
      onSubmit={submit}
      onPaste={(event) => void attach(event.clipboardData.files)}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void attach(event.dataTransfer.files);
      }}
      className="card flex flex-col gap-2 p-2"
    >
      {images.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {images.map((url, index) => (
            <li key={index} className="relative">
              <img src={url} alt={t('playground.your_image')} className="h-16 rounded-md" />
              <span className="absolute top-0 right-0 rounded-md bg-surface">
                <IconButton icon="close" label={t('playground.drop_image')} onClick={() => setImages(images.filter((_, at) => at !== index))} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <TextArea
        aria-label={t('playground.message')}
        placeholder={t('playground.message_hint')}
        rows={3}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={press}
      />
      <div className="flex justify-between gap-2">
        <input ref={picker} type="file" accept="image/*" multiple hidden aria-label={t('playground.attach')} onChange={(event) => void attach(event.target.files ?? [])} />
        <Button look="quiet" icon="image" onClick={() => picker.current?.click()}>
          {t('playground.attach')}
        </Button>
        {busy ? (
          <Button icon="stop" onClick={stop}>
            {t('playground.stop')}
          </Button>
        ) : (
          <Button type="submit" look="primary" icon="play" disabled={!canSend}>
            {t('playground.send')}
          </Button>
        )}
      </div>
    </form>
  );
}
