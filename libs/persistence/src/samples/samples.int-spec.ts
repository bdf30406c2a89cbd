// Goal: what several processes counted adds up, gauges are never summed, and both stay readable in
// seconds for an hour, in minutes and hours for a month, and end then. Method: recorders over a
// real Postgres, and rows set back by hand.
import { decide } from '@quittance/payments';
import { createLogger } from '@quittance/platform';
import type { Pool } from 'pg';
import { aPayment } from '../../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { createPool } from '../pool.js';
import { SampleRecorder } from './sample-recorder.js';
import { Samples } from './samples.js';

const log = createLogger({ name: 'test', level: 'silent' });
let database: TestDatabase;
let pool: Pool;
let samples: Samples;

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { databaseUrl: database.url, applicationName: 'samples' };
  pool = createPool({ ...options, connections: 4, onError: () => undefined });
  samples = new Samples(pool);
});
beforeEach(() => pool.query('DELETE FROM samples'));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const HOUR_MS = 3_600_000;
const read = (stepSeconds: number, backMs = HOUR_MS) =>
  samples.read({
    from: new Date(Date.now() - backMs),
    to: new Date(Date.now() + HOUR_MS),
    stepSeconds,
  });
/** The sums of all stored rows of a step, by lane and metric. */
async function totals(stepSeconds: number): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ name: string; value: number }>(
    `SELECT concat_ws(' ', lane, metric) AS name, sum(value)::float8 AS value FROM samples
     WHERE step_seconds = $1 GROUP BY 1`,
    [stepSeconds],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}
const setBack = (by: string) => pool.query('UPDATE samples SET at = at - $1::interval', [by]);

it('adds the counts of all processes, by lane and of all lanes together', async () => {
  const [one, other] = [new SampleRecorder(samples, log), new SampleRecorder(samples, log)];
  const createdAt = new Date('2026-11-21T10:00:00.000Z');
  const accepted = aPayment({ lane: 'fast', createdAt, updatedAt: createdAt });
  one.committed([{ payment: accepted, decision: null }]);
  const after = (ms: number) => new Date(createdAt.getTime() + ms);
  const open = { cause: 'request', act: 'open', replyBefore: after(60_000) } as const;
  const opened = decide(accepted, open, after(10));
  other.committed([{ payment: opened.next, decision: opened }]);
  const outcome = { kind: 'blocked', code: '403', transId: null, message: 'No.' } as const;
  const ended = decide(opened.next, { cause: 'reply', outcome, random: 0 }, after(200));
  other.committed([{ payment: ended.next, decision: ended }]);
  other.gatewayCalled('fast', 'replied');
  one.gatewayCalled('fast', 'replied');
  one.gatewayCalled('slow', 'replied');
  await Promise.all([one.flush(), other.flush()]);
  await one.flush();
  const counts = {
    accepted: 1,
    sent: 1,
    sent_within_50_ms: 1,
    ended_blocked: 1,
    final_within_250_ms: 1,
    gateway_replied: 3,
  };
  const named = (lane: string) =>
    Object.entries(counts).map(([metric, value]) => [`${lane} ${metric}`, value]);
  expect(await totals(1)).toEqual({
    ...Object.fromEntries([...named(''), ...named('fast')]),
    'fast gateway_replied': 2,
    'slow gateway_replied': 1,
  });
});

it('writes nothing while nothing is counted, and later what Postgres could not take', async () => {
  let isAway = true;
  const added: unknown[] = [];
  const recorder = new SampleRecorder(
    {
      add: (counts) => {
        if (isAway) return Promise.reject(new Error('away'));
        added.push(...counts);
        return Promise.resolve();
      },
    },
    log,
  );
  recorder.gatewayCalled('fast', 'noReply');
  await expect(recorder.flush()).rejects.toThrow('away');
  recorder.gatewayCalled('fast', 'noReply');
  isAway = false;
  await recorder.flush();
  await recorder.flush();
  expect(added).toEqual([{ lane: 'fast', metric: 'gateway_no_reply', value: 2 }]);
});

it('sums ended minutes of all lanes once, however often it is repeated', async () => {
  await samples.add([{ lane: 'a', metric: 'accepted', value: 3 }]);
  await setBack('3 minutes');
  await samples.add([{ lane: 'a', metric: 'accepted', value: 4 }]);
  await setBack('2 minutes');
  await samples.add([{ lane: 'a', metric: 'accepted', value: 100 }]);
  // The test itself may pass the end of a minute.
  await pool.query(`UPDATE samples SET at = at + interval '1 minute' WHERE value = 100`);
  await samples.keepUp();
  expect(await samples.keepUp()).toBeUndefined();
  // The newest minute is not over.
  expect(await totals(60)).toEqual({ ' accepted': 7 });
  expect(await totals(1)).toEqual({ ' accepted': 107, 'a accepted': 107 });
});

it('retains minutes when the seconds end, and ends them after a month', async () => {
  await samples.add([{ lane: 'a', metric: 'accepted', value: 3 }]);
  await setBack('50 minutes');
  await samples.keepUp();
  await setBack('20 minutes');
  await samples.keepUp();
  expect(await totals(1)).toEqual({});
  expect(await totals(60)).toEqual({ ' accepted': 3 });
  await setBack('31 days');
  await samples.keepUp();
  expect((await pool.query('SELECT FROM samples')).rowCount).toBe(0);
});

it('reads counts of all lanes together, and the worst of each gauge by lane', async () => {
  const gauge = (secondsAgo: number, lane: string, metric: string, value: number) =>
    pool.query(
      `INSERT INTO samples SELECT 1, date_trunc('minute', now()) - interval '10 minutes' + $1 * interval '1 second', $2, $3, $4`,
      [secondsAgo, lane, metric, value],
    );
  await gauge(0, 'a', 'queued', 40);
  await gauge(5, 'a', 'queued', 70);
  await gauge(10, 'b', 'queued', 5);
  await gauge(10, '', 'in_doubt', 2);
  await gauge(15, 'a', 'accepted', 3);
  await gauge(15, '', 'accepted', 3);
  await gauge(20, '', 'accepted', 4);
  const expected = [
    { lane: null, metric: 'accepted', value: 7 },
    { lane: '', metric: 'in_doubt', value: 2 },
    { lane: 'a', metric: 'queued', value: 70 },
    { lane: 'b', metric: 'queued', value: 5 },
  ];
  const values = async (step: number) =>
    (await read(step, 3 * HOUR_MS))
      .map(({ lane, metric, value }) => ({ lane, metric, value }))
      .toSorted((one, other) =>
        `${one.metric}${one.lane}` < `${other.metric}${other.lane}` ? -1 : 1,
      );
  expect(await values(30)).toEqual(expected);
  await samples.keepUp();
  expect(await values(60)).toEqual(expected);
  await setBack('1 hour');
  await samples.keepUp();
  await samples.keepUp();
  expect(await values(3_600)).toEqual(expected);
});
