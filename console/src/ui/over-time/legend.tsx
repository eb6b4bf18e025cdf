// Which line of a chart is which.

import { colour } from '../colours.ts';

export function Legend({ names, isShown }: { names: string[]; isShown: boolean }) {
  if (!isShown) return null;
  return (
    <ul className="flex flex-wrap gap-x-4 text-xs text-muted">
      {names.map((name, index) => (
        <li key={name} className="flex items-center gap-1.5">
          <span aria-hidden="true" className="size-2 rounded-full" style={{ background: colour(index) }} />
          {name}
        </li>
      ))}
    </ul>
  );
}
