// Goal: a stop loses nothing, because each resource closes only after all its users have stopped.
// Method: the test records the end of each step while a real worker stops.
import { EventPublisher } from '@quittance/events';
import { GatewayClient } from '@quittance/gateway';
import { KeyWatch, OutboxRelay } from '@quittance/persistence';
import { PostgresClock } from '@quittance/postgres';
import { Consumption, JobConsumer, QueueRegistry, RedisConnections } from '@quittance/queues';
import { Pool } from 'pg';
import { createTestRedis, type TestRedis } from '../../../test/support/redis.js';
import { startWorker } from '../test/running-worker.js';
import { WorkerRig } from '../test/worker-rig.js';
import { PeriodicWorkModule } from './periodic-work.module.js';

let rig: WorkerRig;
let share: TestRedis;

beforeAll(async () => {
  rig = await WorkerRig.start();
  share = createTestRedis();
});
afterAll(async () => {
  await share.clear();
  await rig.stop();
});

type Stop = (...args: unknown[]) => unknown;

/** Adds `name` to `ended` after each call of the method, until the returned function is called. */
function note(ended: string[], name: string, of: { prototype: object }, method: string) {
  const methods = of.prototype as Record<string, Stop>;
  const original = methods[method] as Stop;
  methods[method] = async function (this: unknown, ...args: unknown[]) {
    try {
      return await original.apply(this, args);
    } finally {
      ended.push(name);
    }
  };
  return () => {
    methods[method] = original;
  };
}

it('stops the consumers of work first, and closes the connections last', async () => {
  await rig.reset();
  const worker = await startWorker(rig, share);
  const ended: string[] = [];
  const restore = [
    note(ended, 'periodic work', PeriodicWorkModule, 'beforeApplicationShutdown'),
    note(ended, 'jobs', JobConsumer, 'close'),
    note(ended, 'consumption', Consumption, 'close'),
    note(ended, 'relay', OutboxRelay, 'stop'),
    note(ended, 'publisher', EventPublisher, 'close'),
    note(ended, 'gateway', GatewayClient, 'close'),
    note(ended, 'queues', QueueRegistry, 'close'),
    note(ended, 'redis', RedisConnections, 'close'),
    note(ended, 'keys', KeyWatch, 'stop'),
    note(ended, 'clock', PostgresClock, 'stop'),
    note(ended, 'postgres', Pool, 'end'),
  ];
  await worker.stop();
  for (const undo of restore) undo();
  const order = [
    ['periodic work', 'jobs'],
    ['jobs', 'gateway'],
    ['consumption', 'redis'],
    ['jobs', 'keys'],
    ['jobs', 'relay'],
    ['relay', 'publisher'],
    ['publisher', 'redis'],
    ['queues', 'redis'],
    ['keys', 'postgres'],
    ['clock', 'postgres'],
    ['publisher', 'postgres'],
  ] as const;
  const at = (name: string) => ended.indexOf(name);
  expect(order.filter(([first, second]) => at(first) < 0 || at(first) > at(second))).toEqual([]);
});
