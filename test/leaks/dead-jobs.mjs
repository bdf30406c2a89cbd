// Jobs that fail for good with a card in the worker's hands: BullMQ keeps their data, the error and its stack in the failed set.
import { sealedRequest } from './sealed-cards.mjs';

export const QUEUE = 'submission-default';
const BOARD = '/ops/queues/api/queues';

/** Postgres refuses to take the fence, and tells the whole row in its error. */
const REFUSES_THE_FENCE = `ALTER TABLE payment_intents ADD CONSTRAINT dead_jobs
  CHECK (reference NOT LIKE 'dead-row-%' OR status <> 'submitting')`;
/** The card is open when the key of this terminal turns out not to open. */
const TERMINAL_OF_A_LOST_KEY = `INSERT INTO terminals
  SELECT (jsonb_populate_record(t, jsonb_build_object(
    'id', 'ter_lost', 'name', 'lost', 'sealed_private_key', sealed_private_key || 'x'))).*
  FROM terminals t WHERE name = 'main'`;

/**
 * Resolves with the jobs once each is in the failed set, as the queue board shows them.
 * @returns {Promise<{ id: string, attempts: number, stacktrace: string[] }[]>}
 */
export async function deadJobs(witness, card) {
  await witness.stack.query(REFUSES_THE_FENCE);
  await witness.stack.query(TERMINAL_OF_A_LOST_KEY);
  await witness.create('dead-row-x', card);
  await witness.create('dead-key-x', card, { terminal: 'lost' });
  const body = await sealedRequest(witness, 'dead-row-sealed', card);
  await witness.ask('POST', '/v1/payment-intents', { body });
  const references = ['dead-row-x', 'dead-key-x', 'dead-row-sealed'];
  const payments = await Promise.all(references.map((each) => witness.payment(each)));
  return witness.wait(() => deadAmong(witness, payments), 'the jobs have failed for good');
}

/** Hurries the tries along: each pause between two is twice the one before. */
async function deadAmong(witness, payments) {
  const headers = { authorization: `Bearer ${witness.stack.opsKey}` };
  await witness.ask('PUT', `${BOARD}/${QUEUE}/promote`, { headers });
  const query = `activeQueue=${QUEUE}&status=failed&page=1&jobsPerPage=50`;
  const { text } = await witness.ask('GET', `${BOARD}?${query}`, { headers });
  const { jobs } = JSON.parse(text).queues.find(({ name }) => name === QUEUE);
  const ids = payments.map(({ id }) => id);
  const dead = ids.map((id) => jobs.find(({ data }) => data.paymentId === id));
  return dead.includes(undefined) ? undefined : dead;
}
