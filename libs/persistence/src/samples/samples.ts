// The history of what the deployment counted, for charts that need no Prometheus. Each process adds
// its own counts once a second; one process at a time (a {@link Lease}) sums the seconds to minutes
// and deletes what is old. Samples are estimates: no decision depends on them. SQL: upserts and
// sums, by Postgres's own clock.
import type { Pool } from 'pg';

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

/** The sum of one metric over one step, which begins at `at`. */
export interface Sample {
  readonly at: Date;
  readonly lane: string;
  readonly metric: string;
  readonly value: number;
}

/** The samples to read. */
export interface SampleQuery {
  readonly from: Date;
  readonly to: Date;
  /** The length of a step: whole seconds within the last hour, else whole minutes. */
  readonly stepSeconds: number;
}

const SECONDS_LAST = '1 hour';
const MINUTES_LAST = '30 days';
/** Rows that one statement deletes, so that it locks nothing for long. */
const DELETED_MAX = 5_000;
const MINUTE = 60;

/** In one order, so that two processes cannot lock the same rows in two. */
const ADD = {
  name: 'add_samples',
  text: `
INSERT INTO samples (step_seconds, at, lane, metric, value)
SELECT 1, date_trunc('second', now()), lane, metric, value
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS counted(lane, metric, value)
ORDER BY lane, metric
ON CONFLICT (step_seconds, at, lane, metric) DO UPDATE SET value = samples.value + excluded.value`,
};

/**
 * Sums the whole minutes since the newest sum, and the two before it again, for seconds that were
 * committed late. A repetition changes nothing.
 */
const SUM_MINUTES = `
INSERT INTO samples (step_seconds, at, lane, metric, value)
SELECT ${MINUTE}, date_trunc('minute', at), lane, metric, sum(value)
FROM samples
WHERE step_seconds = 1 AND at < date_trunc('minute', now()) AND at >= COALESCE(
  (SELECT at FROM samples WHERE step_seconds = ${MINUTE} ORDER BY at DESC LIMIT 1) - interval '2 minutes',
  now() - interval '${SECONDS_LAST}')
GROUP BY 2, 3, 4
ON CONFLICT (step_seconds, at, lane, metric) DO UPDATE SET value = excluded.value`;

const DELETE_OLD = `
DELETE FROM samples WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM samples
  WHERE step_seconds = $1 AND at < now() - $2::interval ORDER BY at LIMIT ${DELETED_MAX}))`;

const READ = {
  name: 'read_samples',
  text: `
SELECT to_timestamp(floor(EXTRACT(EPOCH FROM at) / $4) * $4) AS at, lane, metric, sum(value)::float8 AS value
FROM samples WHERE step_seconds = $1 AND at >= $2 AND at < $3
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
};

const SUMS = {
  name: 'sum_samples',
  text: `
SELECT lane, metric, sum(value)::float8 AS value
FROM samples WHERE step_seconds = 1 AND at >= $1 AND at < $2 GROUP BY 1, 2`,
};

/** The sum of one metric of one lane. */
export type SampleSum = Pick<Sample, 'lane' | 'metric' | 'value'>;

export class Samples {
  constructor(private readonly pool: Pool) {}

  /** Adds counts to the current second. */
  async add(counts: readonly Count[]): Promise<void> {
    const columns = [
      counts.map(({ lane }) => lane),
      counts.map(({ metric }) => metric),
      counts.map(({ value }) => value),
    ];
    await this.pool.query({ ...ADD, values: columns });
  }

  /**
   * Sums ended minutes, then deletes seconds older than an hour and minutes older than 30 days.
   * Resolves with `'again'` when more may be old.
   */
  async keepUp(): Promise<'again' | undefined> {
    await this.pool.query(SUM_MINUTES);
    const seconds = await this.pool.query(DELETE_OLD, [1, SECONDS_LAST]);
    const minutes = await this.pool.query(DELETE_OLD, [MINUTE, MINUTES_LAST]);
    const isMore = [seconds, minutes].some(({ rowCount }) => rowCount === DELETED_MAX);
    return isMore ? 'again' : undefined;
  }

  /** Returns the sums by step, lane and metric, oldest first. A step without counts is absent. */
  async read({ from, to, stepSeconds }: SampleQuery): Promise<Sample[]> {
    const stored = stepSeconds % MINUTE === 0 ? MINUTE : 1;
    const values = [stored, from, to, stepSeconds];
    return (await this.pool.query<Sample>({ ...READ, values })).rows;
  }

  /** Returns the sums over a time within the last hour, by lane and metric. */
  async sums({ from, to }: Omit<SampleQuery, 'stepSeconds'>): Promise<SampleSum[]> {
    return (await this.pool.query<SampleSum>({ ...SUMS, values: [from, to] })).rows;
  }
}
