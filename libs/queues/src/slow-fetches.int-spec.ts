// Goal: a job that a worker has received is never returned to the queue while it waits for the
// worker's other fetches. Method: a worker whose fetches are slow, as on a busy machine, so that
// the first job waits for longer than two searches for lost jobs.
import { setTimeout as pause } from 'node:timers/promises';
import { ResilientWorker } from '@quittance/redis';
import type { Job } from 'bullmq';
import { eventually } from '../../../test/support/eventually.js';
import { openTestQueues } from './queues.fixture.js';

const JOBS = 40;
const FETCH_MS = 150;

class SlowWorker extends ResilientWorker {
  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    await pause(FETCH_MS);
    return super.moveToActive(token, name);
  }
}

it('runs each job once, however long the fetches of the others take', async () => {
  const test = openTestQueues();
  await eventually(() => test.connections.check());
  const queue = test.queues.get('inquiry');
  await queue.addBulk(Array.from({ length: JOBS }, (_, at) => ({ name: `job-${at}`, data: {} })));
  const handled: string[] = [];
  const returned: string[] = [];
  const worker = new SlowWorker(queue.name, async ({ name }) => void handled.push(name), {
    connection: test.connections.worker,
    prefix: test.prefix,
    concurrency: 2 * JOBS,
  });
  worker.on('error', () => undefined);
  worker.onReturned = (ids) => returned.push(...ids);
  try {
    await eventually(() => expect(new Set(handled).size).toBe(JOBS), { limitMs: 25_000 });
    expect(returned).toEqual([]);
    expect(handled).toHaveLength(JOBS);
  } finally {
    await worker.closeWithin(5_000);
    await test.close();
  }
});
