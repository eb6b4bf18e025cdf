// Numbers, times and money as the language writes them. Each number carries its unit.

import type { LanguageName } from './index.tsx';

const PACIFIC = 'America/Los_Angeles';
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export type When = string | number | Date;

export class Format {
  readonly #language: LanguageName;
  readonly #made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

  constructor(language: LanguageName) {
    this.#language = language;
  }

  /** 1,204 */
  number(value: number, digits = 0): string {
    return this.#numbers({ maximumFractionDigits: digits }).format(value);
  }

  /** 1.2M: where there is no room for more. */
  short(value: number): string {
    if (Math.abs(value) < 10_000) return this.number(value, Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0);
    return this.#numbers({ notation: 'compact', maximumFractionDigits: 1 }).format(value);
  }

  /** 99.97 %; what is not all is never rounded up to all. */
  percent(share: number): string {
    const rounded = share < 1 ? Math.min(share, 0.9999) : share;
    return this.#numbers({ style: 'percent', maximumFractionDigits: share > 0.99 ? 2 : 1 }).format(rounded);
  }

  /** Dollars. */
  money(value: number): string {
    const digits = value !== 0 && Math.abs(value) < 1 ? 4 : 2;
    const options = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', minimumFractionDigits: 2, maximumFractionDigits: digits };
    return this.#numbers(options as Intl.NumberFormatOptions).format(value);
  }

  /** 840 ms, 2.4 s, 3 min. */
  duration(milliseconds: number): string {
    const unit = (value: number, name: string, digits: number) =>
      this.#numbers({ style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits }).format(value);
    if (milliseconds < 1_000) return unit(milliseconds, 'millisecond', 0);
    if (milliseconds < 120_000) return unit(milliseconds / 1_000, 'second', 1);
    if (milliseconds < 7_200_000) return unit(milliseconds / 60_000, 'minute', 0);
    return unit(milliseconds / 3_600_000, 'hour', 1);
  }

  /** 3 minutes ago, in 2 hours. */
  ago(at: When, now: number = Date.now()): string {
    const seconds = (new Date(at).getTime() - now) / 1_000;
    const [unit, length] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
    return this.#relative().format(Math.round(seconds / length), unit);
  }

  /** Date and time to the second. */
  exact(at: When): string {
    return this.#times({ dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
  }

  /** 14:05, with seconds if asked for. */
  clock(at: When, seconds = false): string {
    const options: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
    return this.#times(seconds ? { ...options, second: '2-digit' } : options).format(new Date(at));
  }

  /** 14:05 in Los Angeles, where Google's days end. */
  pacific(at: When): string {
    const options: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
    return this.#times({ ...options, timeZone: PACIFIC }).format(new Date(at));
  }

  /** 21 Nov */
  day(at: When): string {
    return this.#times({ month: 'short', day: 'numeric' }).format(new Date(at));
  }

  #numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    return this.#kept('n', options, () => new Intl.NumberFormat(this.#language, options));
  }

  #times(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return this.#kept('t', options, () => new Intl.DateTimeFormat(this.#language, options));
  }

  #relative(): Intl.RelativeTimeFormat {
    return this.#kept('r', {}, () => new Intl.RelativeTimeFormat(this.#language, { numeric: 'auto' }));
  }

  #kept<Made extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(
    kind: string,
    options: object,
    make: () => Made,
  ): Made {
    const name = kind + JSON.stringify(options);
    const made = (this.#made.get(name) as Made | undefined) ?? make();
    this.#made.set(name, made);
    return made;
  }
}
