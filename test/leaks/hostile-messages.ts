// Callbacks and jobs that contain what they must not: a whole card number, and the private key that
// the gateway sends with each encrypted callback (protocol §6.4).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { encryptAes256 } from '@quittance/gateway-protocol';
import { callbackToken, parseKeySet } from '@quittance/vault';
import { SUBMISSION_QUEUE } from './process-faults.js';
import type { RecordingCaller, RequestOptions, ShownPayment } from './recording-caller.js';
import type { CanaryCard } from './canaries.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const PREFIX = 'quittance';
const BUFFERED_CALLBACKS = `${PREFIX}-callbacks-kept`;
const SUBMIT = 'payment.submit.v1';
const EVENTS = 'payment.events.v1';
const INTENTS_QUEUE = 'payment-intents';
const CREATE = 'payment.create.v1';
const PAYMENT_ID = `pi_${'7'.repeat(26)}`;
const inGroups = (number: string) => number.replaceAll(/(\d{4})/g, '$1 ');

/** The fields of a callback, with the number in each that may hold a text. */
function callbackFields(payment: ShownPayment, { number, cvv }: CanaryCard) {
  return {
    transID: payment.gateway.trans_id,
    order_status: '1',
    bill_amt: '11.12',
    bill_currency: 'EUR',
    reference: payment.reference,
    ccno: number,
    cvv,
    status: `approved ${number}`,
    response: `the card ${inGroups(number)} was charged`,
    descriptor: number,
    mop: number,
    [number]: number,
  };
}

/** The path of a payment's callbacks, which only the worker and the webhook app can compute. */
function callbackPath(paymentId: string, keyFolder: string): string {
  const keys = parseKeySet(readFileSync(join(keyFolder, 'webhook.json'), 'utf8'));
  return `/callbacks/${paymentId}.${callbackToken(paymentId, keys).token}`;
}

/** Callbacks to a payment's address and to wrong ones; resolves with the HTTP statuses. */
export async function hostileCallbacks(
  caller: RecordingCaller,
  card: CanaryCard,
): Promise<number[]> {
  const reference = 'called-x';
  const { stack } = caller;
  await caller.sandbox.acquirer({ match: { reference }, reply: '0', times: 1 });
  await caller.create(reference, card);
  await caller.settled(reference, 'requires_action');
  const payment = await caller.payment(reference);
  const fields = callbackFields(payment, card);
  const terminal = stack.terminals.find(({ name }) => name === 'main');
  if (terminal === undefined) throw new Error('there is no terminal main');
  const { publicKey, privateKey } = terminal;
  const data = encryptAes256(JSON.stringify(fields), { publicKey, privateKey });
  const envelope = { private_key: privateKey, public_key: publicKey, data };
  const path = callbackPath(payment.id, stack.setup.keyFolder);
  const callbacks: [string, RequestOptions][] = [
    [path, { body: envelope }],
    [path, { body: { ...envelope, data: `AAAA${data.slice(4)}` } }],
    [path, { body: fields }],
    [path, { body: new URLSearchParams(fields).toString(), headers: FORM }],
    [path, { body: JSON.stringify({ ...envelope, ...fields }).slice(0, -1) }],
    [path, { body: { ...envelope, padding: JSON.stringify(envelope).repeat(200) } }],
    [`${path}?ccno=${card.number}`, { body: fields }],
    [`${path.slice(0, -1)}_`, { body: envelope }],
    [`/callbacks/${card.number}`, { body: fields }],
    [`/${card.number}`, { body: fields, headers: { 'user-agent': card.number } }],
  ];
  return caller.statusesOf(
    callbacks.map(([to, options]) => ['POST', to, { ...options, app: 'webhook' }]),
  );
}

/** Name, payload and options of jobs for each of the queues, with the card in each place. */
function jobsWith({ number, cvv }: CanaryCard) {
  const card = { number, cvv };
  const payload = { paymentId: PAYMENT_ID };
  const foreign = [
    { name: SUBMIT, data: { ...payload, card } },
    { name: SUBMIT, data: card, opts: { attempts: 3, backoff: { type: 'fixed', delay: 10 } } },
    { name: SUBMIT, data: { [number]: inGroups(number) } },
    { name: SUBMIT, data: payload, opts: { jobId: `card-${number}` } },
    { name: SUBMIT, data: payload, opts: { deduplication: { id: number } } },
    { name: number, data: payload },
    { name: 'card.keep.v1', data: card },
    { name: SUBMIT, data: number },
  ];
  const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const jws = `${base64url({ alg: 'EdDSA', kid: number })}.${base64url({ card })}.${number}`;
  const published = [
    { name: CREATE, data: { jws } },
    { name: CREATE, data: { jws: '', card } },
  ];
  const event = { id: number, type: number, subject: number, time: number, data: card };
  return {
    [SUBMISSION_QUEUE]: foreign,
    inquiry: foreign,
    refund: foreign,
    [INTENTS_QUEUE]: [...foreign, ...published],
    'events-orders': [...foreign, { name: EVENTS, data: { events: [event] } }],
  };
}

/** The code of a problem document; any other reason as it is. */
function shortReason(reason: string): string {
  return reason.startsWith('{') ? String((JSON.parse(reason) as { code: unknown }).code) : reason;
}

/**
 * Publishes the card in jobs and in the list of buffered callbacks. Resolves with the reasons of
 * the rejections once every job was rejected and Redis has rewritten its files.
 */
export async function hostileJobs(caller: RecordingCaller, card: CanaryCard): Promise<string[]> {
  const { redis } = caller.stack.servers;
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const jobs = Object.entries(jobsWith(card)).map(([name, each]) => ({
    queue: new Queue(name, { connection, prefix: PREFIX }),
    each,
  }));
  try {
    await connection.rpush(BUFFERED_CALLBACKS, card.number, JSON.stringify(card));
    for (const { queue, each } of jobs) await queue.addBulk(each);
    const expected = jobs.reduce((sum, { each }) => sum + each.length, 0);
    const rejected = async () => {
      const sets = await Promise.all(jobs.map(({ queue }) => queue.getFailed(0, -1)));
      // A job of a publisher stays, with the reason and without its data.
      const records = sets
        .flat()
        .filter(({ name, queueName }) => name === 'refused' || queueName === INTENTS_QUEUE);
      const isDone =
        records.length === expected && (await connection.llen(BUFFERED_CALLBACKS)) === 0;
      return isDone && records;
    };
    const records = await caller.wait(rejected, 'every hostile job is rejected');
    // The append-only file contains what was published until Redis rewrites it, which it does by
    // itself once the file has grown.
    await connection.bgrewriteaof();
    const isWritten = async () =>
      /aof_rewrite_in_progress:0/.test(await connection.info('persistence'));
    await caller.wait(isWritten, 'the append-only file is rewritten');
    return records.map(({ failedReason }) => shortReason(failedReason));
  } finally {
    await Promise.all(jobs.map(({ queue }) => queue.close()));
    connection.disconnect();
  }
}
