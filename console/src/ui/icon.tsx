// Line icons on a grid of 24; decoration beside words, so hidden from screen readers.

const PATHS = {
  overview: 'M4 13h6V4H4zM14 20h6V4h-6zM4 20h6v-3H4z',
  requests: 'M4 6h16M4 12h10M4 18h13',
  keys: 'M8 19.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM11.2 11.8L20 3M15.5 7.500l3.5 3.500M18 5l2.5 2.5',
  pools: 'M12 3l9 5-9 5-9-5zM3 12.5l9 5 9-5M3 16.5l9 5 9-5',
  users: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6M18 14.5a6.5 6.5 0 0 1 3.5 5.5',
  models: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12L4 7.5',
  usage: 'M4 20V10M10 20V4M16 20v-7M21 20H3',
  connect: 'M9 7V3M15 7V3M7 7h10v4a5 5 0 0 1-10 0zM12 16v5',
  playground: 'M4 5h16v11H9l-5 4z',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  language: 'M4 6h9M8.5 4v2M11 6c-.6 3.6-3 6.3-6.5 8M6 9c1 2.2 3 4 5.5 5M12.5 20l4-10 4 10M14 16.500h5',
  theme: 'M12 3v18a9 9 0 0 0 0-18zM12 3a9 9 0 0 0 0 18',
  leave: 'M14 4H5v16h9M10 12h11M17 8l4 4-4 4',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.500L21 21',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M4 12.500l5 5L20 6.5',
  close: 'M5 5l14 14M19 5L5 19',
  plus: 'M12 4v16M4 12h16',
  down: 'M6 9l6 6 6-6',
  up: 'M6 15l6-6 6 6',
  right: 'M9 6l6 6-6 6',
  left: 'M15 6l-6 6 6 6',
  eye: 'M2 12s3.6-7 10-7 10 7 10 7-3.6 7-10 7S2 12 2 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  warning: 'M12 4l9.5 16h-19zM12 10v4M12 17h.01',
  refresh: 'M20 12a8 8 0 1 1-2.5-5.800M20 3v4.500h-4.5',
  download: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.500M4 20h16',
  upload: 'M12 16V5M7.5 9L12 4.5 16.5 9M4 20h16',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13',
  edit: 'M4 20h4L19.5 8.500l-4-4L4 16z',
  play: 'M7 4l13 8-13 8z',
  stop: 'M6 6h12v12H6z',
  columns: 'M4 5h16v14H4zM10 5v14M15 5v14',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M9 9h.01',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      className="shrink-0"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 3 : 1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
