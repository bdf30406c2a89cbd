// Goal: queues on several primaries of a Redis Cluster survive the loss of one. Method: a Cluster
// of the test, all real; jobs of lanes whose queues are on different primaries.
import { RedisConnections } from '@quittance/redis';
import { Secret } from '@quittance/platform';
import { eventually } from '../../../test/support/eventually.js';
import { RedisCluster } from '../../../test/support/redis-cluster.js';
import { Session } from '../../../tools/processes/session.js';
import { bufferedCallbackKeys } from './buffered-callback-keys.js';
import { ChangeSignal } from './change-signal.js';
import { queueOf } from './jobs.js';
import { handleJob } from './job-consumer.js';
import { readQueueState } from './queue-states.js';
import { aPaymentId, log, MERCHANT, openTestQueues, recordingHandlers } from './queues.fixture.js';

/** Noticing a dead primary, an election, and new connections, on a busy machine. */
const FAILOVER = { limitMs: 60_000 };
const TEST_LIMIT_MS = 180_000;

let session: Session;
let cluster: RedisCluster;
let test: ReturnType<typeof openTestQueues>;
beforeEach(async () => {
  session = new Session();
  cluster = await RedisCluster.start(session, { replicas: 2 });
  test = openTestQueues({ url: cluster.url, prefix: 'test', clear: async () => {} });
  await eventually(() => test.connections.check());
}, TEST_LIMIT_MS);
afterEach(async () => {
  await test?.close();
  await session.stop();
}, TEST_LIMIT_MS);

const keyOf = (queue: string) => test.queues.get(queue).toKey('meta');

/** A lane whose queue is on the primary of this port. */
async function laneOn(port: number): Promise<string> {
  for (let at = 0; ; at += 1) {
    const lane = `lane-${at}`;
    if ((await cluster.portOf(keyOf(queueOf('payment.submit.v1', lane)))) === port) return lane;
  }
}

const submission = (lane: string, jobId: string) => ({
  name: 'payment.submit.v1' as const,
  lane,
  payload: { paymentId: aPaymentId() },
  merchantId: MERCHANT,
  jobId,
});

function consumeLanes(lanes: readonly string[]): string[] {
  const handled: string[] = [];
  const submit = handleJob('payment.submit.v1', async (_, queue) => void handled.push(queue));
  const others = recordingHandlers([]).filter(({ name }) => name !== 'payment.submit.v1');
  const consumer = test.consumer({ handlers: [submit, ...others] });
  for (const lane of lanes) consumer.serveLane(lane);
  consumer.start();
  return handled;
}

async function ports(): Promise<{ spared: number; replicated: number }> {
  const [spared = 0] = await cluster.portsWithoutReplica();
  for (let at = 0; ; at += 1) {
    const replicated = await cluster.portOf(`any-${at}`);
    if (replicated !== spared) return { spared, replicated };
  }
}

it(
  'a killed primary has a successor; the queues of the others work on meanwhile',
  async () => {
    const { spared, replicated } = await ports();
    const lanes = [await laneOn(replicated), await laneOn(spared)] as const;
    const handled = consumeLanes(lanes);
    await test.producer.add(lanes.map((lane) => submission(lane, `before-${lane}`)));
    await eventually(() => expect(handled).toHaveLength(2));

    const startAgain = await cluster.kill(replicated);
    await expect(test.producer.add([submission(lanes[0], 'lost')])).rejects.toThrow();
    await expect(test.connections.check()).rejects.toThrow();
    await eventually(() => test.producer.add([submission(lanes[0], 'after')]), FAILOVER);
    await test.producer.add([submission(lanes[1], 'after')]);
    await eventually(() => expect(handled).toHaveLength(4), FAILOVER);
    await eventually(() => test.connections.check(), FAILOVER);
    expect(await cluster.portOf(keyOf(queueOf('payment.submit.v1', lanes[0])))).not.toBe(
      replicated,
    );

    await startAgain();
    await eventually(async () => expect(await cluster.isReplica(replicated)).toBe(true), FAILOVER);
    await test.producer.add(lanes.map((lane) => submission(lane, `again-${lane}`)));
    await eventually(() => expect(handled).toHaveLength(6));
    const states = lanes.map((lane) =>
      readQueueState(test.queues.get(queueOf('payment.submit.v1', lane))),
    );
    for (const state of await Promise.all(states))
      expect(state).toMatchObject({ waiting: 0, active: 0, failed: 0, workers: 1 });
  },
  TEST_LIMIT_MS,
);

it(
  'a primary that answers nothing is left for its successor',
  async () => {
    const { replicated } = await ports();
    const lane = await laneOn(replicated);
    const handled = consumeLanes([lane]);
    await test.producer.add([submission(lane, 'before')]);
    await eventually(() => expect(handled).toHaveLength(1));
    const thaw = cluster.freeze(replicated);
    try {
      await eventually(() => test.producer.add([submission(lane, 'after')]), FAILOVER);
      await eventually(() => expect(handled).toHaveLength(2), FAILOVER);
    } finally {
      thaw();
    }
    await eventually(() => test.connections.check(), FAILOVER);
    await test.producer.add([submission(lane, 'at its successor')]);
    await eventually(() => expect(handled).toHaveLength(3));
  },
  TEST_LIMIT_MS,
);

it(
  'jobs survive the move of their slot to another primary',
  async () => {
    const { spared, replicated } = await ports();
    const lane = await laneOn(replicated);
    const handled = consumeLanes([lane]);
    const add = (jobId: string) => test.producer.add([submission(lane, jobId)]);
    await add('before');
    await eventually(() => expect(handled).toHaveLength(1));
    const key = keyOf(queueOf('payment.submit.v1', lane));
    let isAdded = true;
    await cluster.moveSlot(key, spared, () => add('meanwhile').catch(() => void (isAdded = false)));
    expect(await cluster.portOf(key)).toBe(spared);
    if (!isAdded) await eventually(() => add('meanwhile'), FAILOVER);
    await eventually(() => add('after'), FAILOVER);
    await eventually(() => expect(handled).toHaveLength(3), FAILOVER);
    await eventually(() => test.connections.check(), FAILOVER);
  },
  TEST_LIMIT_MS,
);

it('moves a buffered callback between its two lists', async () => {
  const { producer } = test.connections;
  const { waiting, aside } = bufferedCallbackKeys(producer, 'test');
  await producer.rpush(aside, 'callback');
  expect(await producer.lmove(aside, waiting, 'LEFT', 'RIGHT')).toBe('callback');
  expect(await producer.lrange(waiting, 0, -1)).toEqual(['callback']);
});

it('one primary that refuses to write makes the process unready', async () => {
  const { spared } = await ports();
  await cluster.command(spared, 'CONFIG', 'SET', 'min-replicas-to-write', '1');
  await expect(test.connections.check()).rejects.toThrow('too few replicas');
  await cluster.command(spared, 'CONFIG', 'SET', 'min-replicas-to-write', '0');
  await eventually(() => test.connections.check());
});

it('announces changes to processes that listen at other nodes', async () => {
  const other = new RedisConnections({ url: new Secret(cluster.url), log });
  try {
    const [here, there] = [test.connections, other].map((at) => new ChangeSignal(at, 'test', log));
    const id = aPaymentId();
    const heard = there!.waitFor(id, TEST_LIMIT_MS);
    const announced = eventually(async () => {
      await here!.announce([id]);
      expect(await Promise.race([heard, Promise.resolve(false)])).toBe(true);
    });
    await Promise.all([heard, announced]);
  } finally {
    await other.close();
  }
});
