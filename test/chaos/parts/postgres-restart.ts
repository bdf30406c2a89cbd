// The part "postgres": Postgres is restarted under load, orderly and as by a crash, with callbacks
// arriving while it is unavailable.
import { setTimeout as pause } from 'node:timers/promises';
import { countByStatus, Load, settlesLater } from '../load.js';
import {
  resultOf,
  startStack,
  stopStack,
  type Context,
  type PartResult,
  type Row,
} from '../part.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { ChaosPostgres } from '../stack/servers.js';

const BEFORE_MS = 2_000;
const UNAVAILABLE_MS = 3_000;
const AFTER_MS = 2_000;
const CONVERGES_WITHIN_MS = 150_000;
/** The acquirer settles while Postgres is unavailable, or just before or after. */
const SETTLES_WITHIN_MS = 4_000;
/** 202 and 200 are promises; 503 and a broken connection promise nothing. Nothing else may come. */
const ANSWERS = new Set(['accepted', '503', 'ECONNRESET', 'UND_ERR_SOCKET', 'TimeoutError']);

interface Restart {
  readonly name: string;
  readonly end: (postgres: ChaosPostgres) => Promise<void>;
}

const RESTARTS: readonly Restart[] = [
  { name: 'restarted', end: (postgres) => postgres.stop() },
  { name: 'crashed, then recovered', end: (postgres) => postgres.crash() },
];

async function bufferedCallbacks(stack: ChaosStack): Promise<number> {
  const metrics = await (await fetch(`${stack.urls.webhook}/metrics`)).text();
  return Number(/^quittance_callbacks_total\{verdict="kept"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
}

async function playRestart(
  { name, end }: Restart,
  { stack, random, prefix }: Pick<Context, 'random'> & { stack: ChaosStack; prefix: string },
): Promise<Row> {
  const { postgres, redis } = stack.servers;
  const bufferedBefore = await bufferedCallbacks(stack);
  const before = settlesLater(stack, { random, withinMs: SETTLES_WITHIN_MS });
  const load = new Load(stack, { prefix, callers: 6, before }).start();
  await pause(BEFORE_MS);
  await end(postgres);
  await pause(UNAVAILABLE_MS);
  await postgres.startAgain();
  await pause(AFTER_MS);
  await load.stop();
  const { verdicts, problems } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  const unexpected = load.unexpectedAnswers(ANSWERS);
  if (unexpected.length > 0) problems.push(`callers got ${unexpected.join(', ')}`);
  const buffered = (await bufferedCallbacks(stack)) - bufferedBefore;
  if (buffered === 0) problems.push('no callback was buffered: the outage had no effect');
  const left = Number(await redis.command('LLEN', 'quittance-callbacks-kept'));
  if (left > 0) problems.push(`${left} buffered callbacks were never applied`);
  const cells = [verdicts.length, load.answers(), buffered, countByStatus(verdicts)];
  return { name, problems, cells };
}

/**
 * On a Postgres of its own that is durable as in production: with `synchronous_commit=off` this
 * part finds what that loses.
 */
export async function postgresRestartPart(context: Context): Promise<PartResult> {
  const { session, random, run, step } = context;
  const postgres = await ChaosPostgres.start(session, { isDurable: true });
  const stack = await startStack({ ...context, postgres }, { prefix: 'postgres' });
  const rows: Row[] = [];
  for (const [at, restart] of RESTARTS.entries()) {
    const prefix = `postgres-${run}-${at}`;
    rows.push(
      await step('Postgres', (say) => {
        say(restart.name);
        return playRestart(restart, { stack, random, prefix });
      }),
    );
  }
  await stopStack(context, stack);
  return resultOf(
    ['Postgres is', 'payments', 'first answers', 'callbacks buffered', 'ended'],
    rows,
  );
}
