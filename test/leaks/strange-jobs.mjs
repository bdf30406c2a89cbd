// Somebody publishes a card in jobs, in each place a job has, and in the list of kept callbacks. What reads them refuses them.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { QUEUE } from './dead-jobs.mjs';

const PREFIX = 'quittance';
const SUBMIT = 'payment.submit.v1';
const EVENTS = 'payment.events.v1';
const PAYMENT = `pi_${'7'.repeat(26)}`;

/** Name, payload and options of jobs for each of the queues. */
function jobsWith({ number, cvv }) {
  const card = { number, cvv };
  const payload = { paymentId: PAYMENT };
  const spaced = number.replaceAll(/(\d{4})/g, '$1 ');
  const foreign = [
    { name: SUBMIT, data: { ...payload, card } },
    { name: SUBMIT, data: card, opts: { attempts: 3, backoff: { type: 'fixed', delay: 10 } } },
    { name: SUBMIT, data: { [number]: spaced } },
    { name: SUBMIT, data: payload, opts: { jobId: `card-${number}` } },
    { name: SUBMIT, data: payload, opts: { deduplication: { id: number } } },
    { name: number, data: payload },
    { name: 'card.keep.v1', data: card },
    { name: SUBMIT, data: number },
  ];
  const event = { id: number, type: number, subject: number, time: number, data: card };
  return {
    [QUEUE]: foreign,
    inquiry: foreign,
    refund: foreign,
    'events-orders': [...foreign, { name: EVENTS, data: { events: [event] } }],
  };
}

/** Resolves with the reasons of the refusals, once every job was refused and Redis has rewritten its files. */
export async function strangeJobs(witness, card) {
  const { redis } = witness.stack.servers;
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const jobs = Object.entries(jobsWith(card));
  const queues = jobs.map(([name]) => new Queue(name, { connection, prefix: PREFIX }));
  try {
    await connection.rpush(`${PREFIX}-callbacks-kept`, card.number, JSON.stringify(card));
    for (const [at, [, each]] of jobs.entries()) await queues[at].addBulk(each);
    const expected = jobs.reduce((sum, [, each]) => sum + each.length, 0);
    const refused = async () => {
      const sets = await Promise.all(queues.map((queue) => queue.getFailed(0, -1)));
      const records = sets.flat().filter(({ name }) => name === 'refused');
      const kept = await connection.llen(`${PREFIX}-callbacks-kept`);
      return records.length === expected && kept === 0 ? records : undefined;
    };
    const records = await witness.wait(refused, 'every strange job is refused');
    // What was published is in the append-only file until it is rewritten, as Redis does by itself when it has grown.
    await connection.bgrewriteaof();
    const isWritten = async () =>
      /aof_rewrite_in_progress:0/.test(await connection.info('persistence')) || undefined;
    await witness.wait(isWritten, 'the append-only file is written anew');
    return records.map(({ failedReason }) => failedReason);
  } finally {
    await Promise.all(queues.map((queue) => queue.close()));
    connection.disconnect();
  }
}
