// Parts of forms: a label above, the control, and help or what is wrong below.

import {
  createContext,
  useContext,
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';
import { Icon } from './icon.tsx';

type Ids = { id: string; describedBy: string | undefined; invalid: boolean };
const Context = createContext<Ids | null>(null);

type FieldProps = { label: string; help?: ReactNode; error?: string | null | undefined; children: ReactNode; className?: string };

/** Names the one control inside it. */
export function Field({ label, help, error, children, className = '' }: FieldProps) {
  const id = useId();
  const describedBy = error ? `${id}-error` : help ? `${id}-help` : undefined;
  return (
    <div className={`flex min-w-0 flex-col gap-1 ${className}`}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <Context.Provider value={{ id, describedBy, invalid: Boolean(error) }}>{children}</Context.Provider>
      {error ? (
        <p id={`${id}-error`} role="alert" className="flex gap-1 text-xs text-bad">
          <Icon name="warning" size={14} />
          <span className="min-w-0 break-words">{error}</span>
        </p>
      ) : (
        help && (
          <p id={`${id}-help`} className="text-xs break-words text-muted">
            {help}
          </p>
        )
      )}
    </div>
  );
}

function useControl() {
  const ids = useContext(Context);
  return ids ? { id: ids.id, 'aria-describedby': ids.describedBy, 'aria-invalid': ids.invalid || undefined } : {};
}

export function Input({ className = '', ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  return <input type="text" autoComplete="off" spellCheck={false} {...useControl()} {...rest} className={`control ${className}`} />;
}

export function TextArea({ className = '', ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return <textarea spellCheck={false} {...useControl()} {...rest} className={`control ${className}`} />;
}

export type Choice = { value: string; label: string };

type SelectProps = { choices: Choice[] } & SelectHTMLAttributes<HTMLSelectElement>;

export function Select({ choices, className = '', ...rest }: SelectProps) {
  return (
    <select {...useControl()} {...rest} className={`control ${className}`}>
      {choices.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

type SwitchProps = { on: boolean; onChange: (on: boolean) => void; label?: string; disabled?: boolean; id?: string; 'aria-describedby'?: string };

/** On or off, at once; named by its field or by `label`. */
export function Switch({ on, onChange, label, ...rest }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      {...useControl()}
      {...rest}
      aria-checked={on}
      aria-label={label}
      onClick={() => onChange(!on)}
      className={`relative h-5 w-9 shrink-0 rounded-full border disabled:opacity-50 ${
        on ? 'border-transparent bg-button' : 'border-edge bg-sunken'
      }`}
    >
      <span
        className={`absolute top-1/2 size-3.5 -translate-y-1/2 rounded-full transition-[left] duration-100 ${
          on ? 'left-[18px] bg-white' : 'left-[2px] bg-off'
        }`}
      />
    </button>
  );
}

type CheckboxProps = { checked: boolean | 'some'; onChange: (checked: boolean) => void; label: string; hideLabel?: boolean };

export function Checkbox({ checked, onChange, label, hideLabel = false }: CheckboxProps) {
  return (
    <label className="inline-flex min-h-6 items-center gap-2">
      <input
        type="checkbox"
        className="size-4 accent-button"
        checked={checked === true}
        ref={(input) => {
          if (input) input.indeterminate = checked === 'some';
        }}
        aria-label={hideLabel ? label : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      {!hideLabel && <span>{label}</span>}
    </label>
  );
}
