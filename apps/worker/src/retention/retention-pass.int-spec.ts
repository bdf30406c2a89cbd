// Goal: a pass ends everything that is old enough by the settings, counts it, and gives way to
// other work. Method: passes of the worker's role over a real database.
import { Retention } from '@quittance/persistence';
import { loadConfig, Metrics, systemClock } from '@quittance/platform';
import { aPaidPayment } from '../../../../test/support/refunds.js';
import { eventually } from '../../../../test/support/eventually.js';
import { WorkerRig } from '../../test/worker-rig.js';
import { workerConfig } from '../config.js';
import { RetentionPass } from './retention-pass.js';

let rig: WorkerRig;
let metrics: Metrics;
beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(async () => {
  await rig.reset();
  metrics = new Metrics();
  await rig.pool.query('TRUNCATE retention, queue_watch');
  await rig.pool.query(
    `INSERT INTO queue_watch (redis_run_id, delivered_before) VALUES ('run', now())`,
  );
});
afterAll(() => rig.stop());

/** Stores a finished payment that changed for the last time that many days ago. */
async function finished(days: number): Promise<void> {
  const at = new Date(Date.now() - days * 86_400_000);
  await rig.accept(aPaidPayment({ nextStepAt: null, createdAt: at, updatedAt: at }));
}

function passWith(environment: NodeJS.ProcessEnv = {}): RetentionPass {
  const { retention } = loadConfig(workerConfig, {
    DATABASE_URL: rig.database.url,
    REDIS_URL: 'redis://127.0.0.1:1',
    QUITTANCE_KEYSET: rig.keySetJson,
    ...environment,
  });
  return new RetentionPass(
    new Retention(rig.workers),
    rig.workers,
    systemClock,
    retention,
    metrics,
  );
}

/** Stores a batch whose last call was that many days ago. */
async function batch(days: number): Promise<void> {
  await rig.pool.query(
    `INSERT INTO payment_batches
     SELECT id, $1, 1, 0, 0, 0, 0, $2, $2 FROM merchants LIMIT 1`,
    [`days-${days}`, new Date(Date.now() - days * 86_400_000)],
  );
}

async function endedOf(kind: string): Promise<number | undefined> {
  const metric = await metrics.registry.getSingleMetric('quittance_retention_ended_total')?.get();
  return metric?.values.find(({ labels }) => labels['kind'] === kind)?.value;
}

it('ends each kind of data at its age', async () => {
  for (const days of [200, 100, 40, 10]) await finished(days);
  for (const days of [8, 7.1, 6]) await batch(days);
  await passWith({
    RETENTION_PERSONAL_DATA_DAYS: '90',
    RETENTION_HISTORY_DAYS: '30',
    RETENTION_PAYMENTS_DAYS: '180',
    RETENTION_BATCHES_DAYS: '7',
  }).end(new AbortController().signal);
  const ended = ['personal_data', 'history', 'payments', 'batches'].map(endedOf);
  expect(await Promise.all(ended)).toEqual([2, 3, 1, 2]);
});

it('ends nothing with ages of 0, and nothing younger than the defaults', async () => {
  await finished(549);
  await batch(89);
  const signal = new AbortController().signal;
  await batch(600);
  const never = {
    RETENTION_PERSONAL_DATA_DAYS: '0',
    RETENTION_HISTORY_DAYS: '0',
    RETENTION_BATCHES_DAYS: '0',
  };
  await passWith(never).end(signal);
  expect(await endedOf('batches')).toBe(0);
  metrics = new Metrics();
  await passWith().end(signal);
  const ended = ['personal_data', 'history', 'batches'].map(endedOf);
  expect(await Promise.all(ended)).toEqual([0, 0, 1]);
});

it('waits while other work waits for a connection, and ends when the worker stops', async () => {
  await finished(600);
  const held = await Promise.all(Array.from({ length: 8 }, () => rig.workers.connect()));
  const waiting = rig.workers.connect();
  const stop = new AbortController();
  const running = passWith().end(stop.signal);
  stop.abort();
  await running;
  expect(await endedOf('personal_data')).toBe(0);
  for (const client of held) client.release();
  (await waiting).release();
  metrics = new Metrics();
  const pass = passWith();
  await eventually(async () => {
    await pass.end(new AbortController().signal);
    expect(await endedOf('personal_data')).toBe(1);
  });
});
