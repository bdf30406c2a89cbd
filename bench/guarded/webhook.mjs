// The guarded callback: know the address, decrypt, compare with the record, store it with what it changes in one statement, and
// answer 200 after the commit.
import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import { gatewayWire } from '../by-hand/gateway-wire.mjs';
import { announceReady, openDatabase, settings } from '../by-hand/settings.mjs';
import { paymentOfAddress } from './callback-address.mjs';
import { isBelieved, keptFields, onCallback } from './gateway-word.mjs';
import { moved, snapshot } from './payment.mjs';
import { Relay } from './relay.mjs';
import { LOAD, STORE_CALLBACK } from './statements.mjs';

/** A payment moves a handful of times in its life. */
const TRIES_MAX = 10;

const body = { type: 'object', required: ['data'], properties: { data: { type: 'string' } } };

const wire = gatewayWire(settings.terminal);
const database = openDatabase();
const relay = new Relay(database);
const app = Fastify();

/** What it says; `undefined` when it does not decrypt to JSON. */
function read(callback) {
  try {
    return wire.readCallback(callback);
  } catch {
    return undefined;
  }
}

/** Whether it was still the version that was decided on. */
async function store(row, changes, { content, told }) {
  const at = new Date();
  const next = moved(row, changes, at);
  const { rowCount } = await database.query({
    ...STORE_CALLBACK,
    values: [
      row.id,
      row.version,
      next.status,
      next.trans_id,
      next.order_status,
      next.gateway_response,
      at,
      createHash('sha256').update(content).digest(),
      JSON.stringify(keptFields(told)),
      row.status,
      snapshot(next),
    ],
  });
  return rowCount === 1;
}

/** Whether it is a callback of this payment; by then it is stored, or had nothing new to say. */
async function apply(id, callback) {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const { rows } = await database.query({ ...LOAD, values: [id] });
    const [row] = rows;
    if (row === undefined || !isBelieved(row, callback.told)) return false;
    const changes = onCallback(row, callback.told);
    if (changes === undefined) return true;
    if (await store(row, changes, callback)) {
      relay.poke();
      return true;
    }
  }
  throw new Error('the payment never stood still');
}

app.post('/callbacks/:address', { schema: { body } }, async (request, reply) => {
  const id = paymentOfAddress(request.params.address, process.env.CALLBACK_KEY);
  const told = id && read(request.body);
  // One answer for everything that is wrong.
  const isTaken = told && (await apply(id, { content: request.body.data, told }));
  return reply.code(isTaken ? 200 : 404).send();
});

app.get('/readyz', async () => ({ ready: true }));

await relay.start();
await app.listen({ port: settings.port, host: '127.0.0.1' });
announceReady();
