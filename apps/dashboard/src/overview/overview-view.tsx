// The charts of the overview: how much comes and goes, how it ends, how long it takes, what waits.
import { type ReactNode, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { Overview, OverviewSecond } from '../api.js';
import { Failure, span } from '../parts.js';
import { Chart, type Line } from './chart.js';
import { RANGES, rangeIn, useOverview } from './overview.js';
import style from './overview-view.module.css';
import parts from '../parts.module.css';

/** Lanes that have lines of their own. */
const LANES_SHOWN = 6;

export function OverviewView(): ReactNode {
  const range = rangeIn(useSearch());
  const { data, error, isPending, newest } = useOverview(range);
  return (
    <section aria-labelledby="overview">
      <h1 id="overview">Payments</h1>
      <Now second={newest} />
      <RangePicker range={range} />
      {error && <Failure error={error} />}
      {isPending && <p className={parts.loading}>Loading…</p>}
      {data && <Charts overview={data} />}
    </section>
  );
}

function RangePicker({ range }: { range: Overview['range'] }): ReactNode {
  const [address, navigate] = useLocation();
  const search = useSearch();
  const choose = (chosen: string) => {
    const query = new URLSearchParams(search);
    query.set('range', chosen);
    navigate(`${address}?${query}`, { replace: true });
  };
  return (
    <div className={`${parts.tabs} ${style.ranges}`} role="group" aria-label="Range">
      {Object.entries(RANGES).map(([name, text]) => (
        <button
          key={name}
          type="button"
          className={parts.quiet}
          aria-pressed={name === range}
          onClick={() => choose(name)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

/** The newest second, in figures. */
function Now({ second }: { second: OverviewSecond | undefined }): ReactNode {
  const orNone = (value: number | null | undefined, text: (known: number) => string) =>
    value === null || value === undefined ? '–' : text(value);
  const oldest = (seconds: number | null | undefined) =>
    seconds ? <small>oldest {span(seconds)}</small> : null;
  return (
    <dl className={style.now} aria-label="Now">
      <div>
        <dt>Accepted a second</dt>
        <dd>{orNone(second?.accepted, count)}</dd>
      </div>
      <div>
        <dt>Ended a second</dt>
        <dd>{orNone(second?.ended, count)}</dd>
      </div>
      <div>
        <dt>Queued</dt>
        <dd>
          {orNone(second?.queued, count)} {oldest(second?.oldest_queued_seconds)}
        </dd>
      </div>
      <div>
        <dt>In doubt</dt>
        <dd>
          {orNone(second?.in_doubt, count)} {oldest(second?.in_doubt_oldest_seconds)}
        </dd>
      </div>
    </dl>
  );
}

function Charts({ overview }: { overview: Overview }): ReactNode {
  const { times, lanes } = overview;
  const charts = useMemo(() => linesOf(overview), [overview]);
  const more = lanes.length - LANES_SHOWN;
  const note = more > 0 ? { note: `The ${LANES_SHOWN} deepest of ${lanes.length} lanes.` } : {};
  return (
    <div className={style.charts}>
      <Chart title="Throughput, a second" {...{ times }} lines={charts.throughput} format={rate} />
      <Chart title="Approval rate" {...{ times }} lines={charts.approval} format={percent} />
      <Chart
        title="Acceptance to end"
        {...{ times }}
        lines={charts.latency}
        format={duration}
        atLeast={1_000}
      />
      <Chart title="Gateway calls, a second" {...{ times }} lines={charts.gateway} format={rate} />
      <Chart
        title="Queued"
        {...{ times, ...note }}
        lines={charts.queued}
        format={count}
        atLeast={4}
      />
      <Chart
        title="Oldest queued"
        {...{ times, ...note }}
        lines={charts.oldest}
        format={span}
        atLeast={10}
      />
      <Chart title="In doubt" {...{ times }} lines={charts.doubts} format={count} atLeast={4} />
      <Chart
        title="Oldest in doubt"
        {...{ times }}
        lines={charts.oldestDoubt}
        format={span}
        atLeast={60}
      />
    </div>
  );
}

function linesOf(overview: Overview) {
  const { step_seconds: step, lanes } = overview;
  const perSecond = (name: string, counts: readonly number[]): Line => ({
    name,
    values: counts.map((value) => value / step),
  });
  const shown = lanes.slice(0, LANES_SHOWN);
  const byLane = (values: (lane: (typeof lanes)[number]) => Line['values'], all: Line['values']) =>
    shown.length > 0
      ? shown.map((lane) => ({ name: lane.lane, values: values(lane) }))
      : [{ name: 'all lanes', values: all }];
  return {
    throughput: [perSecond('accepted', overview.accepted), perSecond('ended', overview.ended)],
    approval: [{ name: 'approved', values: overview.approval_rate }],
    latency: [
      { name: 'median', values: overview.final_p50_ms },
      { name: '95 %', values: overview.final_p95_ms },
    ],
    gateway: [
      perSecond('replied', overview.gateway_replied),
      perSecond('not sent', overview.gateway_not_sent),
      perSecond('no reply', overview.gateway_no_reply),
    ],
    queued: byLane((lane) => lane.queued, overview.queued),
    oldest: byLane((lane) => lane.oldest_queued_seconds, overview.oldest_queued_seconds),
    doubts: [{ name: 'in doubt', values: overview.in_doubt }],
    oldestDoubt: [{ name: 'oldest', values: overview.in_doubt_oldest_seconds }],
  };
}

const count = (value: number): string => Math.round(value).toLocaleString('en');
const rate = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });
const percent = (value: number): string => `${Math.round(value * 100)} %`;
const duration = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : ms < 120_000 ? `${rate(ms / 1_000)} s` : span(ms / 1_000);
