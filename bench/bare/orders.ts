// The plain order domain: one event, one insert.
import type { Job } from 'bullmq';
import { consume } from '../by-hand/consume.js';
import { EVENTS_QUEUE, announceReady, openDatabase } from '../by-hand/settings.js';

const INSERT = `INSERT INTO orders (payment_id, reference, status, received_at) VALUES ($1, $2, $3, $4)`;

const database = openDatabase();

type Event = { readonly id: string; readonly reference: string; readonly status: string };

async function store({ data: { id, reference, status } }: Job<Event>): Promise<void> {
  const values = [id, reference, status, new Date()];
  await database.query({ name: 'insert-order', text: INSERT, values });
}

await consume(EVENTS_QUEUE, store);
announceReady();
