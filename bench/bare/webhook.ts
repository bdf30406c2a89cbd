// The plain callback: decrypt, one update, one event, 200.
import { app, listen } from '../by-hand/http.js';
import { openQueue, statement, wire } from '../by-hand/process.js';

const updatePayment = statement(`
  UPDATE payments SET status = $status, trans_id = $trans_id, updated_at = $updated_at
  WHERE id = $id RETURNING reference, amount, currency`);
const STATUS_NAMES: Readonly<Record<string, string>> = { 1: 'succeeded', 2: 'declined' };

const events = await openQueue('events');

type Route = { Params: { id: string }; Body: { data: string } };

app.post<Route>('/callbacks/:id', async ({ params: { id }, body }, reply) => {
  const { order_status, transID: trans_id } = wire.readCallback(body);
  const status = STATUS_NAMES[String(order_status)] ?? 'processing';
  const { rows } = await updatePayment({ id, status, trans_id, updated_at: new Date() });
  if (rows.length === 0) return reply.code(404).send();
  const event = { id, status, trans_id, ...rows[0] };
  await events.add(`payment.${status}`, event, { removeOnComplete: true, removeOnFail: 1000 });
  return reply.code(200).send();
});

await listen();
