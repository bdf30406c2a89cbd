// Goal: the queues follow the primary that Sentinels name, whatever happens to it and to them.
// Method: a primary, a replica and three Sentinels of the test, all real.
import { Secret } from '@quittance/platform';
import { RedisConnections } from '@quittance/redis';
import { eventually } from '../../../test/support/eventually.js';
import { SentinelGroup } from '../../../test/support/sentinels.js';
import { Session } from '../../../tools/processes/session.js';
import { aPaymentId, log, MERCHANT, openTestQueues, recordingHandlers } from './queues.fixture.js';

/** Noticing a dead primary, an election, and a new connection, on a busy machine. */
const FAILOVER = { limitMs: 40_000 };
const TEST_LIMIT_MS = 120_000;

let session: Session;
let group: SentinelGroup;
let test: ReturnType<typeof openTestQueues>;
beforeEach(async () => {
  session = new Session();
  group = await SentinelGroup.start(session);
  test = openTestQueues({ url: group.url, prefix: 'test', clear: async () => {} });
  await eventually(() => test.connections.check());
}, TEST_LIMIT_MS);
afterEach(async () => {
  await test.close();
  await session.stop();
}, TEST_LIMIT_MS);

const inquiry = (jobId: string) => ({
  name: 'payment.inquire.v1' as const,
  payload: { paymentId: aPaymentId() },
  merchantId: MERCHANT,
  jobId,
});
const add = (jobId: string) => test.producer.add([inquiry(jobId)]);

it(
  'a killed primary has a successor, and comes back as its replica',
  async () => {
    const handled: string[] = [];
    const consumer = test.consumer({ handlers: recordingHandlers(handled) });
    consumer.start();
    await add('before');
    await eventually(() => expect(handled).toHaveLength(1));
    const killed = await group.killPrimary();
    await expect(add('lost')).rejects.toThrow();
    await eventually(() => add('after'), FAILOVER);
    await eventually(() => expect(handled).toHaveLength(2), FAILOVER);
    expect(await group.primaryPort()).not.toBe(killed.port);

    await killed.startAgain();
    await eventually(async () => expect(await group.isReplica(killed.port)).toBe(true), FAILOVER);
    await add('with a replica');
    await eventually(() => expect(handled).toHaveLength(3));
    await eventually(() => test.connections.check());
  },
  TEST_LIMIT_MS,
);

it(
  'a primary that answers nothing is left for its successor, and takes no job when it thaws',
  async () => {
    const handled: string[] = [];
    test.consumer({ handlers: recordingHandlers(handled) }).start();
    await add('before');
    await eventually(() => expect(handled).toHaveLength(1));
    const frozen = await group.freezePrimary();
    try {
      await eventually(() => add('after'), FAILOVER);
      await eventually(() => expect(handled).toHaveLength(2), FAILOVER);
    } finally {
      frozen.thaw();
    }
    await eventually(async () => expect(await group.isReplica(frozen.port)).toBe(true), FAILOVER);
    await eventually(() => test.connections.check());
    await add('at its successor');
    await eventually(() => expect(handled).toHaveLength(3));
  },
  TEST_LIMIT_MS,
);

it(
  'without Sentinels open connections work on, and new ones wait for the first Sentinel',
  async () => {
    await group.killSentinels();
    await add('without Sentinels');

    const other = new RedisConnections({ url: new Secret(group.url), log });
    try {
      await expect(other.check()).rejects.toThrow();
      // A worker waits; nothing may end it, nor the process.
      const waiting = other.worker.set('test:waited', 'for it');
      await other.settled();
      expect(other.producer.listenerCount('ready')).toBe(0);
      await expect(other.producer.get('test:waited')).rejects.toThrow();
      group.startSentinels();
      await waiting;
      await eventually(() => other.check());
    } finally {
      await other.close();
    }
  },
  TEST_LIMIT_MS,
);

it('a wrong password of the Sentinels is a reason to be unready', async () => {
  const url = group.url.replace(/sentinel_password=.*/, 'sentinel_password=wrong');
  const other = new RedisConnections({ url: new Secret(url), log });
  await expect(other.check()).rejects.toThrow();
  await other.close();
});
