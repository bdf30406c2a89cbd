// The plain callback: decrypt, one update, one event, 200.
import { Queue } from 'bullmq';
import Fastify from 'fastify';
import { EVENTS_QUEUE, announceReady, openDatabase, settings } from '../by-hand/settings.js';
import { gatewayWire } from '../by-hand/gateway-wire.js';

const UPDATE = `
  UPDATE payments SET status = $2, trans_id = $3, updated_at = $4 WHERE id = $1
  RETURNING reference, amount, currency`;
const STATUS_NAMES: Readonly<Record<string, string>> = { 1: 'succeeded', 2: 'declined' };

const wire = gatewayWire(settings.terminal);
const database = openDatabase();
const events = new Queue(EVENTS_QUEUE, { connection: settings.redis });
const app = Fastify();

app.post<{ Params: { id: string }; Body: { data: string } }>(
  '/callbacks/:id',
  async (request, reply) => {
    const { id } = request.params;
    const fields = wire.readCallback(request.body);
    const status = STATUS_NAMES[String(fields['order_status'])] ?? 'processing';
    const { rows } = await database.query({
      name: 'update-payment',
      text: UPDATE,
      values: [id, status, fields['transID'], new Date()],
    });
    if (rows.length === 0) return reply.code(404).send();
    const event = { id, status, trans_id: fields['transID'], ...rows[0] };
    await events.add(`payment.${status}`, event, { removeOnComplete: true, removeOnFail: 1000 });
    return reply.code(200).send();
  },
);

app.get('/readyz', async () => ({ ready: true }));

await events.waitUntilReady();
await app.listen({ port: settings.port, host: '127.0.0.1' });
announceReady();
