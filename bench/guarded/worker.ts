// The guarded submission: decrypt the card and build the request, take the fence, one call to the
// gateway, store its reply.
import type { Job } from 'bullmq';
import { Pool } from 'undici';
import { callbackToken, parseKeySet } from '@quittance/vault';
import { CREATE_CALL, type GatewayFields } from '../by-hand/gateway-wire.js';
import { CONCURRENCY, consume, report, settings, wire } from '../by-hand/process.js';
import { decryptCard } from './card.js';
import { onFailure, onReply } from './interpretation.js';
import { change, closeAttempt, load, sweepAttempts, type Row } from './payments.js';

const REPLY_LIMIT_MS = 10_000;
const LIMITS = { headersTimeout: REPLY_LIMIT_MS, bodyTimeout: REPLY_LIMIT_MS };
/** Much later than any reply: by then no process waits for one. */
const DEADLINE_MS = 60_000;
const SWEEP_EVERY_MS = 10_000;

const keys = parseKeySet(settings.keySet ?? '');
const gateway = new Pool(settings.gatewayUrl, { connections: CONCURRENCY, ...LIMITS });

async function build(row: Row): Promise<string> {
  const card = await decryptCard(row.sealed_card ?? '', { paymentId: row.id, keys });
  const address = `${row.id}.${callbackToken(row.id, keys).token}`;
  return wire.createBody({ ...row, card }, `${settings.callbackUrl}/callbacks/${address}`);
}

/** Opens the attempt; `undefined` if another worker has it. */
function takeFence(row: Row): Promise<Row | undefined> {
  const changes = { status: 'submitting', epoch: row.epoch + 1, sealed_card: null };
  const deadline_at = new Date(Date.now() + DEADLINE_MS);
  return change(row, changes, 'fence', { cause: 'request', deadline_at });
}

async function call(body: string) {
  const { statusCode, body: reply } = await gateway.request({ ...CREATE_CALL, body });
  // A reply that cannot be read is a reply nevertheless: its status is stored with the attempt.
  const fields = (await reply.json().catch(() => undefined)) as GatewayFields | undefined;
  return { statusCode, fields };
}

setInterval(() => void sweepAttempts().catch(report), SWEEP_EVERY_MS);

await consume('payments', async ({ data: { id } }: Job<{ id: string }>) => {
  const row = await load({ id });
  // A job that comes twice, or after another worker has the payment.
  if (row?.status !== 'queued') return;
  // Before the fence: a request that cannot be built must not leave an attempt open.
  const body = await build(row);
  const fenced = await takeFence(row);
  if (fenced === undefined) return;
  const [changes, httpStatus] = await call(body).then(
    (reply) => [onReply(fenced, reply), reply.statusCode] as const,
    (error) => [onFailure(error, row.sealed_card)] as const,
  );
  await closeAttempt(fenced, changes, 'reply', httpStatus);
});
