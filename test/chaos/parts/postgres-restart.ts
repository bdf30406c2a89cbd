// The part "postgres": Postgres is restarted under load, orderly and as by a crash, with callbacks
// arriving while it is unavailable.
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
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
/** The callbacks after which more are on their way, and the longest wait for them. */
const FLOWING = 5;
const FLOWS_WITHIN_MS = 20_000;
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

/** The callbacks that the webhook has received so far, with one verdict or any. */
async function countCallbacks(stack: ChaosStack, verdict = '[^"]*'): Promise<number> {
  const metrics = await (await fetch(`${stack.urls.webhook}/metrics`)).text();
  const series = new RegExp(`^quittance_callbacks_total\\{verdict="${verdict}"\\} (\\d+)`, 'gm');
  return [...metrics.matchAll(series)].reduce((sum, [, count]) => sum + Number(count), 0);
}

const bufferedCallbacks = (stack: ChaosStack) => countCallbacks(stack, 'kept');

/** Waits until more callbacks are counted; a check below says if they never are. */
async function untilMore(count: () => Promise<number>, than: number): Promise<void> {
  const isMore = async () => {
    if ((await count()) <= than) throw new Error('no more callbacks yet');
  };
  await eventually(isMore, { limitMs: FLOWS_WITHIN_MS }).catch(() => undefined);
}

async function playRestart(
  { name, end }: Restart,
  { stack, random, prefix }: Pick<Context, 'random'> & { stack: ChaosStack; prefix: string },
): Promise<Row> {
  const { postgres, redis } = stack.servers;
  const bufferedBefore = await bufferedCallbacks(stack);
  const callbacksBefore = await countCallbacks(stack);
  const before = settlesLater(stack, { random, withinMs: SETTLES_WITHIN_MS });
  const load = new Load(stack, { prefix, callers: 6, before }).start();
  await pause(BEFORE_MS);
  // On a slow machine they take longer to flow, and to arrive during the outage.
  await untilMore(() => countCallbacks(stack), callbacksBefore + FLOWING);
  await end(postgres);
  await pause(UNAVAILABLE_MS);
  await untilMore(() => bufferedCallbacks(stack), bufferedBefore);
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
