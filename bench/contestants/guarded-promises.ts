// What the guarded version's database holds after the rounds. A version that is fast because it
// forgets something would be no measure, so a broken promise ends the run.
import { setTimeout as pause } from 'node:timers/promises';
import { onDatabase } from '@quittance/databases';
import { Problem } from '../../tools/terminal/problem.mjs';

const POLL_MS = 250;
/** The last payments' earlier events may be stored after their last one. */
const SETTLE_LIMIT_MS = 15_000;

const COUNTS = `
  WITH told AS (SELECT payment_id, count(*) AS events, max(sequence) AS last FROM payment_events GROUP BY payment_id)
  SELECT
    (SELECT count(*) FROM payments)::int AS payments,
    (SELECT count(*) FROM payment_events)::int AS events,
    (SELECT count(*) FROM told WHERE events = 4)::int AS told_in_four,
    (SELECT count(*) FROM told WHERE events = 3)::int AS told_in_three,
    (SELECT count(*) FROM attempts)::int AS attempts,
    (SELECT count(*) FROM callbacks)::int AS callbacks,
    (SELECT count(*) FROM event_inbox)::int AS inbox_rows,
    (SELECT count(*) FROM payments WHERE status <> 'succeeded')::int AS not_succeeded,
    (SELECT count(*) FROM payments p LEFT JOIN told t ON t.payment_id = p.id
      WHERE t.events IS DISTINCT FROM p.version OR t.last IS DISTINCT FROM p.version)::int AS with_gaps,
    (SELECT count(*) FROM payments WHERE sealed_card IS NOT NULL)::int AS with_card,
    (SELECT count(*) FROM attempts WHERE closed_at IS NULL)::int AS open_attempts,
    (SELECT count(*) FROM outbox)::int AS untold,
    (SELECT count(*) FROM payments p LEFT JOIN orders o ON o.payment_id = p.id
      WHERE (o.status, o.sequence) IS DISTINCT FROM (p.status, p.version))::int AS with_other_order`;

/** What the guarded version's database holds. */
export interface PromiseCounts {
  readonly payments: number;
  readonly events: number;
  /** Payments with four events, and with three: those whose callback overtook the reply. */
  readonly told_in_four: number;
  readonly told_in_three: number;
  readonly attempts: number;
  readonly callbacks: number;
  readonly inbox_rows: number;
  readonly not_succeeded: number;
  readonly with_gaps: number;
  readonly with_card: number;
  readonly open_attempts: number;
  readonly untold: number;
  readonly with_other_order: number;
}

/**
 * The names of the counts that show a broken promise. Every payment of the rounds succeeds, by one
 * attempt and one callback.
 */
export function brokenPromises(counts: PromiseCounts): (keyof PromiseCounts)[] {
  const none = [
    'not_succeeded',
    'with_gaps',
    'with_card',
    'open_attempts',
    'untold',
    'with_other_order',
  ];
  const wanted: Partial<Record<keyof PromiseCounts, number>> = {
    told_in_three: counts.payments - counts.told_in_four,
    attempts: counts.payments,
    callbacks: counts.payments,
    inbox_rows: counts.events,
    ...Object.fromEntries(none.map((name) => [name, 0])),
  };
  const names = Object.keys(wanted) as (keyof PromiseCounts)[];
  return names.filter((name) => counts[name] !== wanted[name]);
}

/**
 * The counts, once what was still on its way has arrived.
 * @throws {Problem} naming the broken promises
 */
export async function readCounts(url: string): Promise<PromiseCounts> {
  const deadline = Date.now() + SETTLE_LIMIT_MS;
  return onDatabase(url, async (client) => {
    for (;;) {
      const [counts] = (await client.query<PromiseCounts>(COUNTS)).rows;
      if (counts === undefined) throw new Error('Postgres counted nothing');
      const broken = brokenPromises(counts);
      if (broken.length === 0) return counts;
      if (Date.now() > deadline) {
        const found = broken.map((name) => `${name} ${counts[name]}`).join(', ');
        throw new Problem(`The guarded version did not do what it promises: ${found}`);
      }
      await pause(POLL_MS);
    }
  });
}
