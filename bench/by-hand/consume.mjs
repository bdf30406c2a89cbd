// One way to work on a queue.
import { Worker } from 'bullmq';
import { CONCURRENCY, settings } from './settings.mjs';

/**
 * Works on a queue from now on.
 * @param {string} queue
 * @param {(job: import('bullmq').Job) => Promise<void>} handle a job that it rejects fails, and is tried again if it was added so
 * @returns {Promise<void>} when the connection stands
 */
export async function consume(queue, handle) {
  const worker = new Worker(queue, handle, {
    connection: settings.redis,
    concurrency: CONCURRENCY,
  });
  worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
  worker.on('failed', (_, error) => process.stderr.write(`${error.message}\n`));
  await worker.waitUntilReady();
}
