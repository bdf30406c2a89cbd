// The plain order domain: one event, one insert.
import { Worker } from 'bullmq';
import { CONCURRENCY, EVENTS_QUEUE, announceReady, openDatabase, settings } from './settings.mjs';

const INSERT = `INSERT INTO orders (payment_id, reference, status, received_at) VALUES ($1, $2, $3, $4)`;

const database = openDatabase();

async function store({ data: { id, reference, status } }) {
  const values = [id, reference, status, new Date()];
  await database.query({ name: 'insert-order', text: INSERT, values });
}

const worker = new Worker(EVENTS_QUEUE, store, {
  connection: settings.redis,
  concurrency: CONCURRENCY,
});
worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
worker.on('failed', (_, error) => process.stderr.write(`${error.message}\n`));
await worker.waitUntilReady();
announceReady();
