// The part "watch": very many payments that have ended are due for an inquiry at once, and a few
// are in doubt. The doubts must not wait for the others: before the last doubt is resolved, less
// than half of the others may have had their inquiry.
import { Pool } from 'pg';
import { plantWatched } from '../../support/watched-payments.js';
import {
  inSeconds,
  resultOf,
  startStack,
  stopStack,
  type Context,
  type PartResult,
} from '../part.js';
import { Caller } from '../payments.js';
import { SandboxControl } from '../sandbox-control.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { inParallel, until } from '../waiting.js';

const DOUBTS = 8;
const ENDS_WITHIN_MS = 900_000;
/** Counting a hundred thousand rows costs Postgres time too. */
const COUNT_EVERY_MS = 2_000;
const DUE_FOR_MS = 3_600_000;

const TERMINAL = `SELECT id, merchant_id FROM terminals WHERE name = 'main'`;
const LEFT = `SELECT count(*)::int AS count FROM payment_intents
  WHERE reference LIKE 'WATCHED-%' AND inquiries = 0`;
/** From the doubt to its resolution. */
const DOUBTFUL = `
  SELECT p.status::text, EXTRACT(EPOCH FROM
    max(e.created_at) - min(e.created_at) FILTER (WHERE e.status = 'in_doubt'))::float8 AS seconds
  FROM payment_intents p JOIN payment_events e ON e.payment_id = p.id
  WHERE p.reference LIKE $1 GROUP BY p.id, p.status`;

async function plant(stack: ChaosStack, count: number): Promise<void> {
  const terminal = await stack.row<{ id: string; merchant_id: string }>(TERMINAL);
  const pool = new Pool({ connectionString: stack.setup.databaseUrl, max: 1 });
  const dueAt = new Date(Date.now() - DUE_FOR_MS);
  const { id: terminalId, merchant_id: merchantId } = terminal;
  try {
    await plantWatched(pool, { count, dueAt, terminalId, merchantId });
  } finally {
    await pool.end();
  }
}

async function doubt(stack: ChaosStack, reference: string): Promise<void> {
  const match = { reference };
  await new SandboxControl(stack.urls.sandbox).fault({ match, fault: 'drop_after_processing' });
  await Caller.of(stack).accept(reference);
}

const left = async (stack: ChaosStack) => (await stack.row<{ count: number }>(LEFT)).count;

/** Resolves with the time of the longest doubt, in seconds, once all are resolved. */
async function longestDoubt(stack: ChaosStack, run: string): Promise<number> {
  const references = Array.from({ length: DOUBTS }, (_, at) => `doubt-${run}-${at}`);
  await inParallel(references, DOUBTS, (reference) => doubt(stack, reference));
  const resolved = async () => {
    const rows = await stack.query<{ status: string; seconds: number }>(DOUBTFUL, [
      `doubt-${run}-%`,
    ]);
    return rows.length === DOUBTS && rows.every(({ status }) => status === 'succeeded') && rows;
  };
  const rows = await until(resolved, { what: 'every doubt', limitMs: ENDS_WITHIN_MS });
  return Math.max(...rows.map(({ seconds }) => seconds));
}

export async function inquiryBacklogPart(context: Context): Promise<PartResult> {
  const { run, step, scale } = context;
  const { watched } = scale;
  const stack = await startStack(context, { prefix: 'watch' });
  await step('payments', async (say) => {
    say(`${watched} that are due`);
    await plant(stack, watched);
  });
  const startedAt = Date.now();
  const [longest, inquired] = await step('doubts', async () => [
    await longestDoubt(stack, run),
    watched - (await left(stack)),
  ]);
  const limits = { limitMs: ENDS_WITHIN_MS, everyMs: COUNT_EVERY_MS };
  await step('backlog', () =>
    until(async () => (await left(stack)) === 0, { what: 'every inquiry', ...limits }),
  );
  const all = inSeconds(Date.now() - startedAt);
  await stopStack(context, stack);
  const problems = inquired * 2 < watched ? [] : [`${inquired} others had their inquiry first`];
  const head = ['due', 'doubts', 'longest doubt', 'inquiries by then', 'all inquiries after'];
  const cells = [DOUBTS, inSeconds(longest * 1_000), inquired, all];
  return resultOf(head, [{ name: String(watched), cells, problems }]);
}
