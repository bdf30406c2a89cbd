// The guarded contestant: the same guarantees as Quittance's, written by hand in a plain way, one
// row and one statement at a time.
import { generateKeySets } from '@quittance/vault';
import { setTimeout as pause } from 'node:timers/promises';
import { onDatabase } from '@quittance/databases';
import type { Session } from '../../tools/processes/session.js';
import { Problem } from '../../tools/terminal/problem.mjs';
import { step } from '../../tools/terminal/progress.mjs';
import { startByHand } from '../by-hand/start.js';
import type { Contestant, Setting } from '../contestant.js';

const POLL_MS = 250;
/** Earlier events of the last payments may be stored after their last one. */
const SETTLE_LIMIT_MS = 15_000;

const COUNTS = `
  WITH published AS (SELECT payment_id, count(*) AS events, max(sequence) AS last FROM payment_events GROUP BY payment_id)
  SELECT
    (SELECT count(*) FROM payments)::int AS payments,
    (SELECT count(*) FROM payment_events)::int AS events,
    (SELECT count(*) FROM published WHERE events = 4)::int AS in_four_events,
    (SELECT count(*) FROM published WHERE events = 3)::int AS in_three_events,
    (SELECT count(*) FROM attempts)::int AS attempts,
    (SELECT count(*) FROM callbacks)::int AS callbacks,
    (SELECT count(*) FROM event_inbox)::int AS inbox_rows,
    (SELECT count(*) FROM payments WHERE status <> 'succeeded')::int AS not_succeeded,
    (SELECT count(*) FROM payments p LEFT JOIN published t ON t.payment_id = p.id
      WHERE t.events IS DISTINCT FROM p.version OR t.last IS DISTINCT FROM p.version)::int AS with_gaps,
    (SELECT count(*) FROM payments WHERE sealed_card IS NOT NULL)::int AS with_card,
    (SELECT count(*) FROM attempts WHERE closed_at IS NULL)::int AS open_attempts,
    (SELECT count(*) FROM outbox)::int AS unpublished,
    (SELECT count(*) FROM payments p LEFT JOIN orders o ON o.payment_id = p.id
      WHERE (o.status, o.sequence) IS DISTINCT FROM (p.status, p.version))::int AS with_other_order`;

/** The counts by their names above. */
type Counts = Readonly<Record<string, number>>;

/**
 * The names of the counts that show a broken promise. Every payment of the rounds succeeds, by one
 * attempt and one callback, in four events, or in three if the callback was faster than the reply.
 */
export function brokenPromises(counts: Counts): string[] {
  const { payments = 0, events = 0, in_four_events = 0 } = counts;
  const in_three_events = payments - in_four_events;
  const ofEvents = { events, in_four_events, in_three_events, inbox_rows: events };
  const promised: Counts = { payments, attempts: payments, callbacks: payments, ...ofEvents };
  // Each other count is of something that must not be there.
  return Object.keys(counts).filter((name) => counts[name] !== (promised[name] ?? 0));
}

/**
 * Counts what the database holds, once everything in flight has arrived: a version that is fast
 * because it forgets something would be no measure.
 * @throws {Problem} naming the broken promises
 */
function readCounts(databaseUrl: string): Promise<Counts> {
  const deadline = Date.now() + SETTLE_LIMIT_MS;
  return onDatabase(databaseUrl, async (client) => {
    for (;;) {
      const [counts = {}] = (await client.query<Counts>(COUNTS)).rows;
      const broken = brokenPromises(counts).map((name) => `${name} ${counts[name]}`);
      if (broken.length === 0) return counts;
      if (Date.now() > deadline)
        throw new Problem(`The guarded version broke its promises: ${broken.join(', ')}`);
      await pause(POLL_MS);
    }
  });
}

/** Starts it. Its figures include `counts`. */
export async function startGuarded(session: Session, setting: Setting): Promise<Contestant> {
  const started = await startByHand('guarded', session, setting, generateKeySets());
  const moreFigures = () =>
    step('guarded counts', async (say) => {
      const counts = await readCounts(started.stored.databaseUrl);
      say(`${counts['payments']} payments, ${counts['events']} events, all as promised`);
      return { counts };
    });
  return { ...started, moreFigures };
}
