// A line as small as a word: the course of a figure.

const WIDTH = 120;
const HEIGHT = 28;

/** `label` says in words what the line shows; a gap is null. */
export function Spark({ values, label }: { values: (number | null)[]; label: string }) {
  const known = values.filter((value) => value !== null);
  const top = Math.max(...known, 0) || 1;
  const x = (index: number) => (values.length > 1 ? (index / (values.length - 1)) * WIDTH : 0);
  const y = (value: number) => HEIGHT - 1 - (value / top) * (HEIGHT - 3);
  let pen = 'M';
  const path = values.map((value, index) => {
    if (value === null) {
      pen = 'M';
      return '';
    }
    // A value alone between gaps is a dot.
    const step = `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}${pen === 'M' ? 'h0' : ''}`;
    pen = 'L';
    return step;
  });
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="h-7 w-full overflow-visible text-accent">
      <path d={path.join('')} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
