// Goal: on a Redis Cluster everything works, and neither the death of a primary nor a primary that
// was emptied charges a payment twice or loses one. Method: the five processes on a Cluster of
// three primaries with a replica each; the oracle judges by the gateway's ledger and the order
// domain.
import { readFileSync } from 'node:fs';
import { subscriberQueue } from '@quittance/events';
import { INTENTS_QUEUE, queueOf } from '@quittance/queues';
import { Session } from '../tools/processes/session.js';
import { Load } from './chaos/load.js';
import { Oracle } from './chaos/oracle.js';
import { Caller } from './chaos/payments.js';
import { JobPublisher } from './chaos/publisher.js';
import { ChaosStack } from './chaos/stack/chaos-stack.js';
import { ChaosPostgres, ChaosRedis } from './chaos/stack/servers.js';
import { eventually } from './support/eventually.js';
import type { AppName } from './support/processes.js';
import { RedisCluster } from './support/redis-cluster.js';

const START_LIMIT_MS = 300_000;
const LIMIT_MS = 600_000;
const WITHIN = { limitMs: 60_000 };
const CONVERGES_WITHIN_MS = 150_000;
/** Payments between two faults: they prove that the last one is over. */
const BETWEEN = 10;
const APPS: readonly AppName[] = ['api', 'worker', 'webhook', 'orders'];

const session = new Session();
let cluster: RedisCluster;
let stack: ChaosStack;

beforeAll(async () => {
  cluster = await RedisCluster.start(session);
  const postgres = await ChaosPostgres.start(session, { isDurable: false });
  const redis = await ChaosRedis.start(session);
  const extra = { REDIS_URL: cluster.url };
  stack = await ChaosStack.start(session, { name: 'cluster', postgres, redis, extra });
}, START_LIMIT_MS);
afterAll(() => session.stop(), START_LIMIT_MS);

const portOf = (queue: string) => cluster.portOf(`quittance:{${queue}}:${queue}:meta`);
const SUBMISSIONS = queueOf('payment.submit.v1', 'default');
const EVENTS = subscriberQueue('orders');
const log = (name: AppName) => readFileSync(stack.stack.logFile(name), 'utf8');

async function areReady(): Promise<void> {
  for (const name of APPS)
    await eventually(async () => {
      const answer = await fetch(`${stack.urls[name]}/readyz`);
      expect(await answer.json()).toMatchObject({ status: 'ready' });
    }, WITHIN);
}

/** Waits until the worker has refilled a queue, and none before it in its order. */
const refilled = (queue: string) =>
  eventually(() => expect(log('worker')).toMatch(`"queues":["${queue}"`), WITHIN);

const more = (load: Load) => {
  const than = load.references.length + BETWEEN;
  return eventually(() => expect(load.references.length).toBeGreaterThan(than), WITHIN);
};

it(
  'carries payments, refunds and events, and the CLI and the doctor read its queues',
  async () => {
    const caller = Caller.of(stack);
    const oracle = new Oracle(stack.urls);
    const names = Array.from({ length: 10 }, (_, at) => `quiet-${at}`);
    const accepted = await Promise.all(
      names.map(async (name) => (await caller.accept(name)).payment),
    );
    for (const name of names) await oracle.reaches(name, 'succeeded', CONVERGES_WITHIN_MS);
    await caller.refund(accepted[0]!);
    await oracle.reaches('quiet-0', 'refund_pending', CONVERGES_WITHIN_MS);
    await areReady();
    const publisher = await JobPublisher.of(stack, {
      prefix: `quittance:{${INTENTS_QUEUE}}`,
      connect: () => cluster.connect(),
    });
    await publisher.accept('published');
    await oracle.reaches('published', 'succeeded', CONVERGES_WITHIN_MS);

    expect(await stack.operate(['lanes', 'list', '--json'])).toMatchObject({ code: 0 });
    expect(await stack.operate(['queues', 'failed', '--json'])).toMatchObject({ code: 0 });
    const { output } = await stack.operate(['doctor', '--json']);
    const lines = output.split('\n').filter((line) => line.startsWith('{'));
    const findings = lines.map((line) => JSON.parse(line) as { check: string; grade: string });
    const found = (check: string) => findings.filter((finding) => finding.check.startsWith(check));
    expect(found('Redis Cluster')).toEqual([
      expect.objectContaining({
        grade: 'good',
        finding: 'ok, 3 primaries with 16384 of 16384 slots, each with a replica',
      }),
    ]);
    const evictions = found('Redis eviction at 127.0.0.1:').map(({ grade }) => grade);
    expect(evictions).toEqual(['good', 'good', 'good']);
  },
  LIMIT_MS,
);

it(
  'charges each payment once while a primary dies, and another one is emptied',
  async () => {
    const load = new Load(stack, { prefix: 'cluster', callers: 4 }).start();
    await more(load);
    const killed = await portOf(SUBMISSIONS);
    const startAgain = await cluster.kill(killed);
    await eventually(async () => expect(await portOf(SUBMISSIONS)).not.toBe(killed), WITHIN);
    await more(load);
    await startAgain();
    await eventually(async () => expect(await cluster.isReplica(killed)).toBe(true), WITHIN);
    await more(load);
    // Otherwise one refill could be for both faults.
    await refilled(SUBMISSIONS);
    await cluster.command(await portOf(EVENTS), 'FLUSHALL');
    await refilled(EVENTS);
    await more(load);
    await load.stop();
    const { verdicts, problems } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
    expect(problems).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(4 * BETWEEN);
    expect(load.unexpectedAnswers(new Set(['accepted']))).toEqual([]);
    await areReady();
  },
  LIMIT_MS,
);
