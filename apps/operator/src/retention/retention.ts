// `retention`: shows for each kind of data when it ends, how far the workers are, and what the next
// steps end.
import { Retention, RETENTION_KINDS, type RetentionWalk } from '@quittance/persistence';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime } from '../command/table.js';

/** The payments, or batches, that are looked at for the next steps. */
const SHOWN_MAX = 1_000;

export function addRetentionCommand(program: Command, run: RunCommand): void {
  program
    .command('retention')
    .description('show when the data of finished payments and batches ends, and what is overdue')
    .action(() => run(showRetention));
}

async function showRetention({ pool, clock, output }: Operator): Promise<void> {
  const retention = new Retention(pool);
  const now = clock.now();
  const walks = await retention.walks();
  const rows: (RetentionWalk & { readonly next: number })[] = [];
  for (const walk of walks)
    rows.push({ ...walk, next: await retention.countDue({ ...walk, now, limit: SHOWN_MAX }) });
  output.list({
    rows,
    columns: {
      KIND: ({ kind }) => kind,
      AGE: ({ keepDays }) => (keepDays === null ? 'for ever' : `${keepDays}d`),
      ENDED: ({ ended }) => String(ended),
      NEXT: ({ next }) => (next === SHOWN_MAX ? `${next} or more` : String(next)),
      STATE: (walk) => stateOf(walk, now),
    },
    json: ({ kind, keepDays, ended, next, dueAt, overdueSeconds }) => ({
      kind,
      keep_days: keepDays,
      ended,
      next,
      due_at: keepDays === null ? null : dueAt,
      overdue_seconds: Math.round(overdueSeconds),
    }),
    none: `No worker has begun yet to end old data (${RETENTION_KINDS.join(', ')}).`,
  });
}

function stateOf({ keepDays, dueAt }: RetentionWalk, now: Date): string {
  if (keepDays === null) return 'never ends';
  return dueAt > now ? `next walk at ${shortTime(dueAt)}` : `walking since ${shortTime(dueAt)}`;
}
