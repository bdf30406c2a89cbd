// Goal: of several workers, one exports the gauges about the deployment, and another takes over
// when it stops; it also adds the gauges to the samples. Method: root modules on one Postgres and
// one Redis, and their registries.
import { eventually } from '../../../../test/support/eventually.js';
import { createTestRedis, type TestRedis } from '../../../../test/support/redis.js';
import { type RunningWorker, startWorker } from '../../test/running-worker.js';
import { WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
let share: TestRedis;
const running = new Set<RunningWorker>();

beforeAll(async () => {
  rig = await WorkerRig.start();
  share = createTestRedis();
  await rig.reset();
  await rig.pool.query(
    `INSERT INTO retention (kind, reached, ended, due_at, updated_at)
     VALUES ('history', '', 0, now() + interval '1 day', now()) ON CONFLICT DO NOTHING`,
  );
});
afterAll(async () => {
  await Promise.all([...running].map((worker) => worker.stop()));
  await share.clear();
  await rig.stop();
});

const ABOUT_THE_DEPLOYMENT = [
  'quittance_outbox_lag_seconds 0',
  'quittance_payments_open{lane="default",status="in_doubt"} 0',
  'quittance_terminals_paused 0',
  'quittance_retention_overdue_seconds{kind="history"} 0',
  'quittance_queue_jobs{queue="submission-default",state="waiting"} 0',
  'quittance_queue_jobs{queue="payment-intents",state="failed"} 0',
  'quittance_queue_oldest_waiting_seconds{queue="events-orders"} 0',
];
const DRAIN = 'quittance_lane_drain_seconds{lane="default"}';

async function exportedBy(worker: RunningWorker): Promise<string[]> {
  const lines = (await worker.metrics.registry.metrics()).split('\n');
  return ABOUT_THE_DEPLOYMENT.filter((line) => lines.includes(line));
}

async function start(): Promise<RunningWorker> {
  const worker = await startWorker(rig, share);
  running.add(worker);
  return worker;
}

it('exports the gauges from one worker, and from another one after its stop', async () => {
  const first = await start();
  await eventually(async () => expect(await exportedBy(first)).toEqual(ABOUT_THE_DEPLOYMENT));
  const second = await start();
  expect(await exportedBy(second)).toEqual([]);
  running.delete(first);
  await first.stop();
  await eventually(async () => expect(await exportedBy(second)).toEqual(ABOUT_THE_DEPLOYMENT));
});

it('adds the gauges to the samples', async () => {
  await rig.pool.query('DELETE FROM samples');
  await start();
  await eventually(async () => {
    const { rows } = await rig.pool.query(`SELECT DISTINCT lane, metric FROM samples`);
    expect(rows).toContainEqual({ lane: '', metric: 'in_doubt' });
  });
});

it('exports the time to drain while payments are queued, from one worker', async () => {
  await start();
  await start();
  await rig.pool.query(`UPDATE terminals SET paused_at = now(), paused_reason = 'maintenance'`);
  await rig.accept();
  const drains = async () => {
    const texts = [...running].map(({ metrics }) => metrics.registry.metrics());
    return (await Promise.all(texts)).filter((text) => text.includes(DRAIN)).length;
  };
  await eventually(async () => expect(await drains()).toBe(1));
});
