// Each pool in a row: its keys, how it serves, and what is left of its models.

import { Link } from 'wouter';
import type { Forecast, PoolOverview, Quota, UsageView } from '../../api/schema.ts';
import { useFormat, useText } from '../../i18n/index.tsx';
import { Meter, Parts, type Part } from '../../ui/meter.tsx';
import { Spark } from '../../ui/spark.tsx';
import { roomsOf, type Room } from './data.ts';
import { countsOf } from './verdict.ts';

/** How many models stand in a row; the pool's page has all. */
const ROOMS = 3;

type PoolsProps = {
  pools: PoolOverview[];
  off: ReadonlyMap<number, number>;
  courses: Map<number, (UsageView | null)[]>;
  forecasts: Forecast[];
  quotas: Quota[];
};

export function PoolRows({ pools, off, courses, forecasts, quotas }: PoolsProps) {
  const t = useText();
  return (
    <ul aria-label={t('overview.pools')} className="card divide-y divide-line">
      {pools.map((pool) => (
        <li key={pool.id} className="grid gap-x-6 gap-y-3 p-4 min-[900px]:grid-cols-[minmax(0,5fr)_minmax(0,4fr)_minmax(0,5fr)]">
          <Keys pool={pool} off={off.get(pool.id) ?? 0} />
          <Traffic pool={pool} course={courses.get(pool.id) ?? []} />
          <Rooms rooms={roomsOf(pool.id, forecasts, quotas)} pool={pool.id} />
        </li>
      ))}
    </ul>
  );
}

function Keys({ pool, off }: { pool: PoolOverview; off: number }) {
  const t = useText();
  const counts = countsOf(pool, off);
  const parts: Part[] = [
    { name: t('ui.state.active'), count: counts.serving, fill: 'good' },
    { name: t('ui.state.cooling'), count: counts.cooling, fill: 'warn' },
    { name: t('ui.state.revoked'), count: counts.revoked, fill: 'bad' },
    { name: t('ui.state.disabled'), count: counts.off, fill: 'off' },
  ];
  const states = ['active', 'cooling', 'revoked', 'disabled'];
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <h3 className="truncate font-medium">
        <Link href={`/pools/${pool.id}`} className="hover:underline">
          {pool.name ?? String(pool.id)}
        </Link>
      </h3>
      <Parts parts={parts} label={parts.map(({ name, count }) => `${count} ${name}`).join(', ')} />
      <p className="flex flex-wrap gap-x-3 text-xs text-muted">
        {counts.total === 0 && t('overview.pool_empty')}
        {parts.map(({ name, count }, index) =>
          count > 0 ? (
            <Link key={name} href={`/keys?pool=${pool.id}&state=${states[index]}`} className="hover:underline">
              {t('overview.part', { count, name })}
            </Link>
          ) : null,
        )}
      </p>
    </div>
  );
}

function Traffic({ pool, course }: { pool: PoolOverview; course: (UsageView | null)[] }) {
  const t = useText();
  const format = useFormat();
  const { success_rate: success, requests } = pool.last_hour;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <p className="flex flex-wrap gap-x-3">
        <span>{t('overview.per_minute', { count: format.short(pool.now.rpm) })}</span>
        <span className="text-muted">
          {typeof success === 'number' ? t('overview.success_of', { share: format.percent(success), count: requests }) : t('overview.quiet')}
        </span>
        {pool.waiting > 0 && <span className="text-warn">{t('overview.waiting', { count: pool.waiting })}</span>}
      </p>
      <Spark values={course.map((row) => row?.requests ?? 0)} label={t('overview.course', { name: t('overview.per_minute_name') })} />
    </div>
  );
}

function Rooms({ rooms, pool }: { rooms: Room[]; pool: number }) {
  const t = useText();
  if (rooms.length === 0) return <p className="text-xs text-muted">{t('overview.no_room')}</p>;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {rooms.slice(0, ROOMS).map((room) => (
        <RoomLine key={room.forecast.model} room={room} />
      ))}
      {rooms.length > ROOMS && (
        <Link href={`/pools/${pool}`} className="text-xs text-accent hover:underline">
          {t('overview.more_rooms', { count: rooms.length - ROOMS })}
        </Link>
      )}
    </div>
  );
}

function RoomLine({ room: { forecast, limit } }: { room: Room }) {
  const t = useText();
  const format = useFormat();
  const { model, left, runs_out_at: out, day_ends_at: end } = forecast;
  const times = (at: string) => ({ pacific: format.pacific(at), here: format.clock(at) });
  const when = left === 0 ? t('overview.room.out', times(end.utc)) : out ? t('overview.room.runs_out', times(out.utc)) : t('overview.room.lasts', times(end.utc));
  const amount = limit === null ? t('overview.room.left', { left }) : t('overview.room.left_of', { left, limit });
  const words = (
    <p className="flex flex-wrap justify-between gap-x-3 text-xs">
      <span className="min-w-0 truncate">{model}</span>
      <span className={left === 0 ? 'text-bad' : out ? 'text-warn' : 'text-muted'}>{t('overview.room.line', { amount, when })}</span>
    </p>
  );
  return limit === null ? (
    words
  ) : (
    <Meter used={limit - left} limit={limit} label={t('overview.room.label', { model, amount })}>
      {words}
    </Meter>
  );
}
