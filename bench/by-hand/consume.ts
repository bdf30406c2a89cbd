// One way to work on a queue.
import { Worker, type Job } from 'bullmq';
import { CONCURRENCY, settings } from './settings.js';

/**
 * Works on a queue from now on.
 * @param handle a job that it rejects fails, and is tried again if it was added so
 * @returns when the connection stands
 */
export async function consume<T>(
  queue: string,
  handle: (job: Job<T>) => Promise<void>,
): Promise<void> {
  const worker = new Worker<T>(queue, handle, {
    connection: settings.redis,
    concurrency: CONCURRENCY,
  });
  worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
  worker.on('failed', (_, error) => process.stderr.write(`${error.message}\n`));
  await worker.waitUntilReady();
}
