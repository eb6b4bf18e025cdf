// Which program somebody came with, as far as it tells.

/** Names that stand within others' come first. */
const PROGRAMS: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/(?:Headless)?Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/Windows/, 'Windows'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** "Firefox, Linux"; the first word of what else it says. */
export function programOf(agent: string): string {
  const found = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const known = [found(PROGRAMS), found(SYSTEMS)].filter(Boolean).join(', ');
  return known || (agent.split(/[\s/]/, 1)[0] ?? '') || '–';
}
