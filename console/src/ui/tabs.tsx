// Parts of a page, each with an address of its own.

import { Link, useLocation } from 'wouter';

export type TabItem = { to: string; label: string };

export function Tabs({ items, label }: { items: TabItem[]; label: string }) {
  const [location] = useLocation();
  return (
    <nav aria-label={label} className="flex gap-1 overflow-x-auto border-b border-line">
      {items.map((item) => {
        // What stands behind the question mark is no other part.
        const isHere = location === item.to.split('?', 1)[0];
        return (
          <Link
            key={item.to}
            href={item.to}
            aria-current={isHere ? 'page' : undefined}
            className={`-mb-px border-b-2 px-3 py-2 whitespace-nowrap ${
              isHere ? 'border-accent font-medium text-ink' : 'border-transparent text-muted hover:text-ink'
            }`}
          >
            {item.label}
          </Link>
        );
      })}
    </nav>
  );
}
