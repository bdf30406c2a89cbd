// Goal: the jobs of a queue that was held back run as soon as its time is over, not after the next
// wait for a new job. Method: a handler with a rate of a few jobs per window, and many windows. It
// takes a while, so that the worker waits for new jobs when the others return to the queue.
import { setTimeout as pause } from 'node:timers/promises';
import { ResilientWorker } from '@quittance/redis';
import { RateLimitError } from 'bullmq';
import { eventually } from '../../../test/support/eventually.js';
import { openTestQueues } from './queues.fixture.js';

const JOBS = 40;
const PER_WINDOW = 4;
const WINDOW_MS = 100;
const HANDLER_MS = 20;

it('runs the jobs of each window without a wait for new jobs', async () => {
  const test = openTestQueues();
  await eventually(() => test.connections.check());
  const queue = test.queues.get('inquiry');
  const opts = { priority: 1 };
  await queue.addBulk(Array.from({ length: JOBS }, (_, at) => ({ name: `${at}`, data: {}, opts })));
  const handled: string[] = [];
  let [window, taken] = [0, 0];
  const worker = new ResilientWorker(
    queue.name,
    async ({ name }) => {
      await pause(HANDLER_MS);
      const now = Math.floor(performance.now() / WINDOW_MS);
      if (now > window) [window, taken] = [now, 0];
      taken += 1;
      if (taken > PER_WINDOW) {
        await queue.rateLimit(Math.ceil(WINDOW_MS - (performance.now() % WINDOW_MS)));
        throw new RateLimitError();
      }
      handled.push(name);
    },
    {
      connection: test.connections.worker,
      prefix: test.prefix,
      concurrency: JOBS,
      limiter: { max: Number.MAX_SAFE_INTEGER, duration: 1000 },
    },
  );
  worker.on('error', () => undefined);
  try {
    // Ten windows: a second, or nearly a minute if each ended with a wait for a new job.
    await eventually(() => expect(handled).toHaveLength(JOBS), { limitMs: 25_000 });
  } finally {
    await worker.closeWithin(5_000);
    await test.close();
  }
});
