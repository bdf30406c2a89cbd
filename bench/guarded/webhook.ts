// The guarded callback: recognize the address, decrypt, compare with the record, store it with what
// it changes in one statement, and respond with 200 after the commit.
import { createHash } from 'node:crypto';
import { parseKeySet, verifyCallbackToken } from '@quittance/vault';
import type { GatewayFields } from '../by-hand/gateway-wire.js';
import { app, listen, objectOf } from '../by-hand/http.js';
import { settings, wire } from '../by-hand/process.js';
import { isBelieved, onCallback, storedFields } from './interpretation.js';
import { change, load } from './payments.js';

/** A payment changes a handful of times in its life. */
const TRIES_MAX = 10;

const keys = parseKeySet(settings.keySet ?? '');
const schema = { body: objectOf({ data: { type: 'string' } }) };

/** Decrypts a callback; `undefined` if that does not yield JSON. */
function read(data: string): GatewayFields | undefined {
  try {
    return wire.readCallback({ data });
  } catch {
    return undefined;
  }
}

/** Stores a callback with its effect; false if it is not about this payment. */
async function apply(id: string, data: string, fields: GatewayFields): Promise<boolean> {
  const content_sha256 = createHash('sha256').update(data).digest();
  const besides = { content_sha256, fields: JSON.stringify(storedFields(fields)) };
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const row = await load({ id });
    if (row === undefined || !isBelieved(row, fields)) return false;
    const changes = onCallback(row, fields);
    if (changes === undefined) return true;
    if (await change(row, changes, 'callback', { cause: 'callback', ...besides })) return true;
  }
  throw new Error('other changes of the payment were always faster');
}

type Route = { Params: { address: string }; Body: { data: string } };

app.post<Route>('/callbacks/:address', { schema }, async ({ params, body: { data } }, reply) => {
  const [id = '', token = ''] = params.address.split('.', 2);
  const isAddress = params.address === `${id}.${token}` && verifyCallbackToken(id, token, keys);
  const fields = isAddress ? read(data) : undefined;
  // One response to everything that is wrong.
  const isStored = fields !== undefined && (await apply(id, data, fields));
  return reply.code(isStored ? 200 : 404).send();
});

await listen();
