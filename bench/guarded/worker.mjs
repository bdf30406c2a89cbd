// The guarded submission: open the card and build the request, take the fence, one call to the gateway, store its reply.
import { Pool } from 'undici';
import { CREATE_HEADERS, CREATE_PATH, gatewayWire } from '../by-hand/gateway-wire.mjs';
import { consume } from '../by-hand/consume.mjs';
import {
  CONCURRENCY,
  PAYMENTS_QUEUE,
  announceReady,
  openDatabase,
  settings,
} from '../by-hand/settings.mjs';
import { callbackAddress } from './callback-address.mjs';
import { createRequest } from './create-request.mjs';
import { onFailure, onReply } from './gateway-word.mjs';
import { open } from './keys.mjs';
import { moved, snapshot } from './payment.mjs';
import { Relay } from './relay.mjs';
import { storeReply } from './reply.mjs';
import { FENCE, LOAD } from './statements.mjs';
import { sweepAttempts } from './sweeper.mjs';

const REPLY_LIMIT_MS = 10_000;
/** Much later than any reply: nobody is waiting for one any more. */
const DEADLINE_MS = 60_000;

const wire = gatewayWire(settings.terminal);
const database = openDatabase();
const relay = new Relay(database);
const gateway = new Pool(settings.gatewayUrl, {
  connections: CONCURRENCY,
  headersTimeout: REPLY_LIMIT_MS,
  bodyTimeout: REPLY_LIMIT_MS,
});

async function load(id) {
  const { rows } = await database.query({ ...LOAD, values: [id] });
  return rows[0];
}

/** The request's body. Built before the fence: what cannot be built must not leave an attempt open. */
async function build(row) {
  const card = await open(row.sealed_card, row.id);
  const address = callbackAddress(row.id, process.env.CALLBACK_KEY);
  return wire.createBody(createRequest(row, card), `${settings.callbackUrl}/callbacks/${address}`);
}

/** The fenced payment; `undefined` when somebody else has taken it. */
async function takeFence(row) {
  const at = new Date();
  const fenced = moved(row, { status: 'submitting', epoch: row.epoch + 1, sealed_card: null }, at);
  const values = [row.id, row.version, at, new Date(at.getTime() + DEADLINE_MS), snapshot(fenced)];
  const { rowCount } = await database.query({ ...FENCE, values });
  return rowCount === 1 ? fenced : undefined;
}

async function call(body) {
  const request = { method: 'POST', path: CREATE_PATH, headers: CREATE_HEADERS, body };
  const { statusCode, body: answer } = await gateway.request(request);
  // A reply that cannot be read is a reply all the same: its status is kept with the attempt.
  const told = await answer.json().catch(() => undefined);
  return { statusCode, told };
}

async function submit({ data: { id } }) {
  const row = await load(id);
  // A job that comes twice, or after its payment was taken.
  if (row?.status !== 'queued') return;
  const body = await build(row);
  const fenced = await takeFence(row);
  if (fenced === undefined) return;
  relay.poke();
  const [changes, httpStatus] = await call(body).then(
    (reply) => [onReply(fenced, reply), reply.statusCode],
    (error) => [onFailure(error, row.sealed_card)],
  );
  await storeReply(database, fenced, changes, { cause: 'reply', httpStatus });
  relay.poke();
}

await relay.start();
sweepAttempts(database, relay);
await consume(PAYMENTS_QUEUE, submit);
announceReady();
