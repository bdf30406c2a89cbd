// The plain order domain: one event, one insert.
import { consume } from '../by-hand/consume.mjs';
import { EVENTS_QUEUE, announceReady, openDatabase } from '../by-hand/settings.mjs';

const INSERT = `INSERT INTO orders (payment_id, reference, status, received_at) VALUES ($1, $2, $3, $4)`;

const database = openDatabase();

async function store({ data: { id, reference, status } }) {
  const values = [id, reference, status, new Date()];
  await database.query({ name: 'insert-order', text: INSERT, values });
}

await consume(EVENTS_QUEUE, store);
announceReady();
