// The usual contestant, and the check that no payment was lost or stored twice on its way.
import { npm } from '../../tools/install.mjs';
import type { Contestant, Setting } from '../contestant.js';
import { startProcesses } from '../processes.js';
import { type Counts, withCounts } from '../promises.js';

const COUNTS = `
  SELECT
    count(*)::int AS payments,
    count(DISTINCT p.reference)::int AS "references",
    (SELECT count(*) FROM orders)::int AS orders,
    count(*) FILTER (WHERE p.status <> 'succeeded')::int AS not_succeeded,
    count(*) FILTER (WHERE (o.reference, o.status) IS DISTINCT FROM (p.reference, p.status))::int AS with_other_order
  FROM payments p LEFT JOIN orders o ON o.payment_id = p.id`;

/** Every payment of the rounds succeeds, and has one reference and one order. */
export const promised = ({ payments = 0 }: Counts): Counts => ({
  payments,
  references: payments,
  orders: payments,
});

/** Generates Prisma's client, and starts the app. */
export async function startUsual(setting: Setting): Promise<Contestant> {
  const schema = ['--schema', 'bench/usual/schema.prisma'];
  await npm(['exec', '--no', '--', 'prisma', 'generate', '--no-hints', ...schema]);
  const usual = await startProcesses('usual', setting);
  return withCounts(usual, setting.databaseUrl('usual'), { text: COUNTS, promised });
}
