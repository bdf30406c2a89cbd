// The guarded callback: know the address, decrypt, compare with the record, store it with what it
// changes in one statement, and answer 200 after the commit.
import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import { gatewayWire, type GatewayFields } from '../by-hand/gateway-wire.js';
import { announceReady, openDatabase, settings } from '../by-hand/settings.js';
import { paymentOfAddress } from './callback-address.js';
import { isBelieved, storedFields, onCallback } from './interpretation.js';
import { moved, snapshot, type Changes, type Row } from './payment.js';
import { Relay } from './relay.js';
import { LOAD, STORE_CALLBACK } from './statements.js';

/** A payment moves a handful of times in its life. */
const TRIES_MAX = 10;

/** A callback as it came, and what it says. */
type Callback = { readonly content: string; readonly fields: GatewayFields };

const body = { type: 'object', required: ['data'], properties: { data: { type: 'string' } } };

const wire = gatewayWire(settings.terminal);
const database = openDatabase();
const relay = new Relay(database);
const app = Fastify();

/** What it says; `undefined` when it does not decrypt to JSON. */
function read(callback: { readonly data: string }): GatewayFields | undefined {
  try {
    return wire.readCallback(callback);
  } catch {
    return undefined;
  }
}

/** Whether it was still the version that was decided on. */
async function store(row: Row, changes: Changes, { content, fields }: Callback): Promise<boolean> {
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
      JSON.stringify(storedFields(fields)),
      row.status,
      snapshot(next),
    ],
  });
  return rowCount === 1;
}

/** Whether it is a callback of this payment; by then it is stored, or had nothing new to say. */
async function apply(id: string, callback: Callback): Promise<boolean> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const { rows } = await database.query<Row>({ ...LOAD, values: [id] });
    const [row] = rows;
    if (row === undefined || !isBelieved(row, callback.fields)) return false;
    const changes = onCallback(row, callback.fields);
    if (changes === undefined) return true;
    if (await store(row, changes, callback)) {
      relay.poke();
      return true;
    }
  }
  throw new Error('the payment never stood still');
}

type Route = { Params: { address: string }; Body: { data: string } };

app.post<Route>('/callbacks/:address', { schema: { body } }, async (request, reply) => {
  const id = paymentOfAddress(request.params.address, process.env['CALLBACK_KEY'] ?? '');
  const fields = id === undefined ? undefined : read(request.body);
  // One answer for everything that is wrong.
  const isTaken =
    id !== undefined && fields && (await apply(id, { content: request.body.data, fields }));
  return reply.code(isTaken ? 200 : 404).send();
});

app.get('/readyz', async () => ({ ready: true }));

await relay.start();
await app.listen({ port: settings.port, host: '127.0.0.1' });
announceReady();
