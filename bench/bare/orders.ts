// The plain order domain: one event, one insert.
import type { Job } from 'bullmq';
import { consume, statement } from '../by-hand/process.js';

const insertOrder = statement(`
  INSERT INTO orders (payment_id, reference, status, received_at)
  VALUES ($id, $reference, $status, $received_at)`);

type Event = { readonly id: string; readonly reference: string; readonly status: string };

await consume('events', async ({ data }: Job<Event>) => {
  await insertOrder({ ...data, received_at: new Date() });
});
