// The history of what the deployment counted, for charts that need no Prometheus. Each process adds
// its own counts once a second; one process at a time (a {@link Lease}) adds the gauges, sums the
// seconds to minutes and the minutes to hours, and deletes what is old. Samples are estimates: no
// decision depends on them. SQL: upserts and sums, by Postgres's own clock.
import type { Pool } from 'pg';
import { SAMPLED_GAUGES } from './gauge-samples.js';

/**
 * The counted things. `sent_within_…` are payments by the time to their first attempt,
 * `final_within_…` by the time to their first end.
 */
export type SampledCount =
  | 'accepted'
  | 'sent'
  | `sent_within_${number}_ms`
  | 'sent_later'
  | `ended_${string}`
  | `final_within_${number}_ms`
  | 'final_later'
  | 'gateway_replied'
  | 'gateway_not_sent'
  | 'gateway_no_reply';

/** A count of one lane. */
export interface Count {
  readonly lane: string;
  readonly metric: SampledCount;
  readonly value: number;
}

/** The sum of a count, or the maximum of a gauge, over one step. */
export interface Sample {
  /** The beginning of the step, in seconds since 1970. */
  readonly time: number;
  /** The lane of a gauge; null for a count, which is that of all lanes together. */
  readonly lane: string | null;
  readonly metric: string;
  readonly value: number;
}

/** The samples to read. */
export interface SampleQuery {
  readonly from: Date;
  readonly to: Date;
  /** The length of a step: whole seconds within the last hour, else whole minutes or hours. */
  readonly stepSeconds: number;
}

const SECONDS_LAST = '1 hour';
const MINUTES_LAST = '30 days';
const HOURS_LAST = '30 days';
/** Rows that one statement deletes, so that it locks nothing for long. */
const DELETED_MAX = 5_000;
const MINUTE = 60;
const HOUR = 3_600;

const IS_GAUGE = `metric IN (${SAMPLED_GAUGES.map((name) => `'${name}'`).join(', ')})`;
/** A gauge is not summed: its value in a step is the worst. */
const VALUE = `CASE WHEN ${IS_GAUGE} THEN max(value) ELSE sum(value) END`;

/**
 * The rows that charts show: the counts of all lanes together, whose lane is `''`, and each gauge.
 * Their index has the same condition, and of the seconds it holds none of the counts by lane.
 */
const IS_SHOWN = `(lane = '' OR metric IN ('queued', 'oldest_queued_seconds'))`;

/**
 * Each count by its lane, and of all lanes together. In one order, so that two processes cannot
 * lock the same rows in two.
 */
const ADD = {
  name: 'add_samples',
  text: `
INSERT INTO samples (step_seconds, at, lane, metric, value)
SELECT 1, date_trunc('second', now()), COALESCE(lane, ''), metric, sum(value)
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS counted(lane, metric, value)
GROUP BY GROUPING SETS ((lane, metric), (metric))
ORDER BY 3, 4
ON CONFLICT (step_seconds, at, lane, metric) DO UPDATE SET value = samples.value + excluded.value`,
};

/**
 * Sums the whole minutes since the newest sum, and the two before it again, for seconds that were
 * committed late. A repetition changes nothing. Counts by lane are not summed: nothing reads those
 * of more than a minute, and a hundred lanes would have seventy million rows a month.
 */
const SUM_MINUTES = `
INSERT INTO samples (step_seconds, at, lane, metric, value)
SELECT ${MINUTE}, date_trunc('minute', at), lane, metric, ${VALUE}
FROM samples
WHERE step_seconds = 1 AND ${IS_SHOWN} AND at < date_trunc('minute', now()) AND at >= COALESCE(
  (SELECT at FROM samples WHERE step_seconds = ${MINUTE} ORDER BY at DESC LIMIT 1) - interval '2 minutes',
  now() - interval '${SECONDS_LAST}')
GROUP BY 2, 3, 4
ON CONFLICT (step_seconds, at, lane, metric) DO UPDATE SET value = excluded.value`;

/** The same for hours. The newest is summed again, for minutes that were. */
const SUM_HOURS = `
INSERT INTO samples (step_seconds, at, lane, metric, value)
SELECT ${HOUR}, date_trunc('hour', at, 'UTC'), lane, metric, ${VALUE}
FROM samples
WHERE step_seconds = ${MINUTE} AND at < date_trunc('hour', now(), 'UTC') AND at >= COALESCE(
  (SELECT at FROM samples WHERE step_seconds = ${HOUR} ORDER BY at DESC LIMIT 1),
  now() - interval '${MINUTES_LAST}')
GROUP BY 2, 3, 4
ON CONFLICT (step_seconds, at, lane, metric) DO UPDATE SET value = excluded.value`;

const DELETE_OLD = `
DELETE FROM samples WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM samples
  WHERE step_seconds = $1 AND at < now() - $2::interval ORDER BY at LIMIT ${DELETED_MAX}))`;

/**
 * The step is a literal, because the index of seconds has it in its condition. Integers for the
 * steps and floats for the sums take a third of the time that Postgres's exact numbers take; sums
 * stay exact up to 2^53.
 */
const read = (stored: number) => ({
  name: `read_samples_${stored}`,
  text: `
SELECT EXTRACT(EPOCH FROM step)::float8 AS time, shown AS lane, metric,
  CASE WHEN ${IS_GAUGE} THEN max(value) ELSE sum(value) END AS value
FROM (
  SELECT date_bin($3 * interval '1 second', at, 'epoch') AS step, CASE WHEN ${IS_GAUGE} THEN lane END AS shown, metric,
    value::float8 AS value
  FROM samples WHERE step_seconds = ${stored} AND ${IS_SHOWN} AND at >= $1 AND at < $2) found
GROUP BY step, shown, metric`,
});

const SUMS = {
  name: 'sum_samples',
  text: `
SELECT lane, metric, sum(value)::float8 AS value
FROM samples WHERE step_seconds = 1 AND at >= $1 AND at < $2 AND lane <> '' AND NOT ${IS_GAUGE} GROUP BY 1, 2`,
};

/** The sum of one count of one lane. */
export interface SampleSum {
  readonly lane: string;
  readonly metric: string;
  readonly value: number;
}

export class Samples {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  /** Adds counts to the current second, each to its lane and to that of all lanes together. */
  async add(counts: readonly Count[]): Promise<void> {
    const columns = [
      counts.map(({ lane }) => lane),
      counts.map(({ metric }) => metric),
      counts.map(({ value }) => value),
    ];
    await this.pool.query({ ...ADD, values: columns });
  }

  /**
   * Sums ended minutes and hours, then deletes seconds older than an hour, and minutes and hours
   * older than 30 days. Resolves with `'again'` when more may be old.
   */
  async keepUp(): Promise<'again' | undefined> {
    await this.pool.query(SUM_MINUTES);
    await this.pool.query(SUM_HOURS);
    const old = [
      [1, SECONDS_LAST],
      [MINUTE, MINUTES_LAST],
      [HOUR, HOURS_LAST],
    ];
    let isMore = false;
    for (const values of old) {
      const { rowCount } = await this.pool.query(DELETE_OLD, values);
      isMore ||= rowCount === DELETED_MAX;
    }
    return isMore ? 'again' : undefined;
  }

  /**
   * Returns the counts of all lanes together and the gauges of each, by step, in any order.
   * A step without counts is absent.
   */
  async read({ from, to, stepSeconds }: SampleQuery): Promise<Sample[]> {
    const stored = [HOUR, MINUTE].find((step) => stepSeconds % step === 0) ?? 1;
    const values = [from, to, stepSeconds];
    return (await this.pool.query<Sample>({ ...read(stored), values })).rows;
  }

  /** Returns the sums over a time within the last hour, by lane and metric. */
  async sums({ from, to }: Omit<SampleQuery, 'stepSeconds'>): Promise<SampleSum[]> {
    return (await this.pool.query<SampleSum>({ ...SUMS, values: [from, to] })).rows;
  }
}
