// Faults with cards in flight: jobs that fail for good, processes that die, unavailable servers.
import { PAYMENTS_PATH, type RecordingCaller } from './recording-caller.js';
import { sealedRequest } from './sealed-cards.js';
import type { CanaryCard } from './canaries.js';

export const SUBMISSION_QUEUE = 'submission-default';
const BOARD = '/ops/queues/api/queues';

/** Postgres refuses the fence, and its error contains the whole row. */
const REFUSE_FENCE = `ALTER TABLE payment_intents ADD CONSTRAINT dead_jobs
  CHECK (reference NOT LIKE 'dead-row-%' OR status <> 'submitting')`;
/** The card is decrypted when the key of this terminal turns out not to decrypt. */
const TERMINAL_WITH_BROKEN_KEY = `INSERT INTO terminals
  SELECT (jsonb_populate_record(t, jsonb_build_object(
    'id', 'ter_lost', 'name', 'lost', 'sealed_private_key', sealed_private_key || 'x'))).*
  FROM terminals t WHERE name = 'main'`;

/** Steps at which the worker dies with a card in its memory. */
const CRASH_POINTS = [
  'submission.before-fence',
  'submission.before-first-byte',
  'submission.after-reply',
];

/** A job in the failed set, as the queue board shows it. */
export interface FailedJob {
  readonly id: string;
  readonly attempts: number;
  readonly stacktrace: readonly string[];
  readonly data: { readonly paymentId: string };
}

/**
 * Jobs that fail for good with a card in the worker's memory: BullMQ stores their data, the error
 * and its stack. Resolves with them once each is in the failed set.
 */
export async function failedJobs(caller: RecordingCaller, card: CanaryCard): Promise<FailedJob[]> {
  await caller.stack.query(REFUSE_FENCE);
  await caller.stack.query(TERMINAL_WITH_BROKEN_KEY);
  await caller.create('dead-row-x', card);
  await caller.create('dead-key-x', card, { terminal: 'lost' });
  const body = await sealedRequest(caller, 'dead-row-sealed', card);
  await caller.send('POST', PAYMENTS_PATH, { body });
  const references = ['dead-row-x', 'dead-key-x', 'dead-row-sealed'];
  const payments = await Promise.all(references.map((each) => caller.payment(each)));
  const ids = payments.map(({ id }) => id);
  return caller.wait(() => failedJobsOf(caller, ids), 'the jobs have failed for good');
}

/** Hurries the retries along: each pause between two is twice the one before. */
async function failedJobsOf(caller: RecordingCaller, paymentIds: readonly string[]) {
  const headers = { authorization: `Bearer ${caller.stack.opsKey}` };
  await caller.send('PUT', `${BOARD}/${SUBMISSION_QUEUE}/promote`, { headers });
  const query = `activeQueue=${SUBMISSION_QUEUE}&status=failed&page=1&jobsPerPage=50`;
  const { text } = await caller.send('GET', `${BOARD}?${query}`, { headers });
  const { queues } = JSON.parse(text) as { queues: { name: string; jobs: FailedJob[] }[] };
  const jobs = queues.find(({ name }) => name === SUBMISSION_QUEUE)?.jobs ?? [];
  const failed = paymentIds.flatMap((id) => jobs.find(({ data }) => data.paymentId === id) ?? []);
  return failed.length === paymentIds.length && failed;
}

/** The worker dies at each step at which it has the card in clear, and is started again. */
export async function workerCrashes(
  caller: RecordingCaller,
  clear: CanaryCard,
  sealed: CanaryCard,
): Promise<void> {
  const { stack } = caller;
  await stack.process('worker').kill();
  for (const [at, point] of CRASH_POINTS.entries()) {
    // It may die at once, by a payment that the one before it has left.
    const worker = await stack.launchArmed('worker', { QUITTANCE_CRASH_AT: point });
    const body = await sealedRequest(caller, `crash-${at}-sealed`, sealed);
    await Promise.all([
      caller.create(`crash-${at}-x`, clear),
      caller.send('POST', PAYMENTS_PATH, { body }),
    ]);
    await worker.exited;
  }
  await stack.launch('worker');
}

/**
 * Callbacks arrive while Postgres is unavailable and are buffered in Redis, private key and all;
 * events wait for an order domain that is down.
 */
export async function outages(caller: RecordingCaller, card: CanaryCard): Promise<void> {
  const { stack, sandbox } = caller;
  const reference = 'outage-x';
  await sandbox.acquirer({ match: { reference }, reply: '0', times: 1 });
  await stack.process('orders').stop();
  await caller.create(reference, card);
  await caller.settled(reference);
  const [row] = (await sandbox.ledger(reference)).data;
  const { postgres } = stack.servers;
  await postgres.stop();
  await sandbox.settle(row?.transID ?? '', '1');
  await caller.create('away-x', card);
  await postgres.startAgain();
  await caller.settled(reference, 'succeeded');
  await stack.launch('orders');
}
