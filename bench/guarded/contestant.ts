// The guarded contestant, and the check that it does what it promises: a version that is fast
// because it forgets something would be no measure.
import { onDatabase } from '@quittance/databases';
import type { ClientBase } from 'pg';
import { eventually } from '../../test/support/eventually.js';
import { Problem } from '../../tools/terminal/problem.mjs';
import { step } from '../../tools/terminal/progress.mjs';
import { startByHand } from '../by-hand/contestant.js';
import type { Contestant, Setting } from '../contestant.js';

/** Earlier events of the last payments may be stored after their last one. */
const SETTLING = { limitMs: 15_000, everyMs: 250 };

const COUNTS = `
  WITH published AS (SELECT payment_id, count(*) AS events, max(sequence) AS last FROM payment_events GROUP BY payment_id)
  SELECT
    count(*)::int AS payments,
    (SELECT count(*) FROM payment_events)::int AS events,
    count(*) FILTER (WHERE events = 4)::int AS in_four_events,
    count(*) FILTER (WHERE events = 3)::int AS in_three_events,
    (SELECT count(*) FROM attempts)::int AS attempts,
    (SELECT count(*) FROM callbacks)::int AS callbacks,
    (SELECT count(*) FROM event_inbox)::int AS inbox_rows,
    count(*) FILTER (WHERE p.status <> 'succeeded')::int AS not_succeeded,
    count(*) FILTER (WHERE events IS DISTINCT FROM version OR last IS DISTINCT FROM version)::int AS with_gaps,
    count(sealed_card)::int AS with_card,
    (SELECT count(*) FROM attempts WHERE closed_at IS NULL)::int AS open_attempts,
    (SELECT count(*) FROM outbox)::int AS unpublished,
    count(*) FILTER (WHERE (o.status, o.sequence) IS DISTINCT FROM (p.status, p.version))::int AS with_other_order
  FROM payments p LEFT JOIN published t ON t.payment_id = p.id LEFT JOIN orders o ON o.payment_id = p.id`;

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

/** Starts it. Its figures include `counts`, of the database once everything has arrived. */
export async function startGuarded(setting: Setting): Promise<Contestant> {
  const count = async () => {
    const query = (client: ClientBase) => client.query<Counts>(COUNTS);
    const [counts = {}] = (await onDatabase(setting.databaseUrl('guarded'), query)).rows;
    const broken = brokenPromises(counts).map((name) => `${name} ${counts[name]}`);
    if (broken.length === 0) return counts;
    throw new Problem(`The guarded version broke its promises: ${broken.join(', ')}`);
  };
  const moreFigures = () =>
    step('guarded counts', async (say) => {
      const counts = await eventually(count, SETTLING);
      say(`${counts['payments']} payments, ${counts['events']} events, all as promised`);
      return { counts };
    });
  return { ...(await startByHand('guarded', setting)), moreFigures };
}
