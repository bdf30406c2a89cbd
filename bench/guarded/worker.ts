// The guarded submission: open the card and build the request, take the fence, one call to the
// gateway, store its reply.
import type { Job } from 'bullmq';
import { Pool } from 'undici';
import {
  CREATE_HEADERS,
  CREATE_PATH,
  gatewayWire,
  type GatewayFields,
} from '../by-hand/gateway-wire.js';
import { consume } from '../by-hand/consume.js';
import {
  CONCURRENCY,
  PAYMENTS_QUEUE,
  announceReady,
  openDatabase,
  settings,
} from '../by-hand/settings.js';
import { callbackAddress } from './callback-address.js';
import { createRequest } from './create-request.js';
import { onFailure, onReply } from './interpretation.js';
import { open } from './keys.js';
import { moved, snapshot, type Changes, type Row } from './payment.js';
import { Relay } from './relay.js';
import { storeReply } from './reply.js';
import { FENCE, LOAD } from './statements.js';
import { sweepAttempts } from './sweeper.js';

const REPLY_LIMIT_MS = 10_000;
/** Much later than any reply: none is awaited any more. */
const DEADLINE_MS = 60_000;

const wire = gatewayWire(settings.terminal);
const database = openDatabase();
const relay = new Relay(database);
const gateway = new Pool(settings.gatewayUrl, {
  connections: CONCURRENCY,
  headersTimeout: REPLY_LIMIT_MS,
  bodyTimeout: REPLY_LIMIT_MS,
});

async function load(id: string): Promise<Row | undefined> {
  const { rows } = await database.query<Row>({ ...LOAD, values: [id] });
  return rows[0];
}

/**
 * The request's body. Built before the fence: what cannot be built must not leave an attempt open.
 */
async function build(row: Row): Promise<string> {
  const card = await open(row.sealed_card ?? '', row.id);
  const address = callbackAddress(row.id, process.env['CALLBACK_KEY'] ?? '');
  return wire.createBody(createRequest(row, card), `${settings.callbackUrl}/callbacks/${address}`);
}

/** The fenced payment; `undefined` when another worker has taken it. */
async function takeFence(row: Row): Promise<Row | undefined> {
  const at = new Date();
  const changes = { status: 'submitting', epoch: (row.epoch ?? 0) + 1, sealed_card: null };
  const fenced = moved(row, changes, at);
  const values = [row.id, row.version, at, new Date(at.getTime() + DEADLINE_MS), snapshot(fenced)];
  const { rowCount } = await database.query({ ...FENCE, values });
  return rowCount === 1 ? fenced : undefined;
}

async function call(
  body: string,
): Promise<{ statusCode: number; fields: GatewayFields | undefined }> {
  const request = { method: 'POST', path: CREATE_PATH, headers: CREATE_HEADERS, body } as const;
  const { statusCode, body: answer } = await gateway.request(request);
  // A reply that cannot be read is a reply all the same: its status is stored with the attempt.
  const fields = (await answer.json().catch(() => undefined)) as GatewayFields | undefined;
  return { statusCode, fields };
}

async function submit({ data: { id } }: Job<{ id: string }>): Promise<void> {
  const row = await load(id);
  // A job that comes twice, or after its payment was taken.
  if (row?.status !== 'queued') return;
  const body = await build(row);
  const fenced = await takeFence(row);
  if (fenced === undefined) return;
  relay.poke();
  const outcome: { changes: Changes; httpStatus?: number } = await call(body).then(
    (reply) => ({ changes: onReply(fenced, reply), httpStatus: reply.statusCode }),
    (error: { code?: string }) => ({ changes: onFailure(error, row.sealed_card ?? null) }),
  );
  const { changes, httpStatus } = outcome;
  await storeReply(database, fenced, changes, { cause: 'reply', httpStatus });
  relay.poke();
}

await relay.start();
sweepAttempts(database, relay);
await consume(PAYMENTS_QUEUE, submit);
announceReady();
