// What this browser remembers of how its user likes the console.

/** What was kept under a name; nothing where storage is closed. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`pollux.${name}`);
  } catch {
    return null;
  }
}

/** Keeps a text, as far as the browser lets it. */
export function keep(name: string, value: string | null) {
  try {
    if (value === null) localStorage.removeItem(`pollux.${name}`);
    else localStorage.setItem(`pollux.${name}`, value);
  } catch {
    // A private window: it holds until the page is left.
  }
}
