// The part "upgrade": every process is replaced under load, the new one beside the old one, as in a
// rolling restart.
import { setTimeout as pause } from 'node:timers/promises';
import type { StartedProcess } from '../../../tools/processes/session.js';
import { linkTo, type SeverableLink } from '../../support/severable-link.js';
import { countByStatus, Load } from '../load.js';
import { resultOf, startStack, stopStack, type Context, type PartResult } from '../part.js';
import type { Random } from '../random.js';
import { SandboxControl } from '../sandbox-control.js';
import type { ChaosStack } from '../stack/chaos-stack.js';

/** Long enough that a stop in the middle of a submission is the usual case. */
const REPLY_AFTER_MS = 600;
/** As in production: the gateway's timeout, and time for storing its reply. */
const PATIENT = {
  GATEWAY_TIMEOUT_MS: '8000',
  GATEWAY_INQUIRY_TIMEOUT_MS: '8000',
  JOB_LOCK_MS: '10000',
  STOP_LIMIT_MS: '9000',
};
const STOPS_WITHIN_MS = 15_000;
const BETWEEN_MS = 700;
const CONVERGES_WITHIN_MS = 120_000;
const ROUNDS = 2;

/**
 * A payment in doubt was cut between its first byte and its stored reply: nothing else in this part
 * leads there.
 */
const IN_DOUBT = `SELECT count(DISTINCT payment_id)::int AS count FROM payment_events
  WHERE status = 'in_doubt'`;

/** The gateway is slow with every reply, and settles some payments by callback. */
function slowGateway(stack: ChaosStack, random: Random) {
  const sandbox = new SandboxControl(stack.urls.sandbox);
  return async (reference: string) => {
    const match = { reference };
    await sandbox.fault({ match, fault: 'delay_ms', ms: random.below(REPLY_AFTER_MS) });
    if (random.below(2) === 0) return;
    const settle = { order_status: '1', after_ms: REPLY_AFTER_MS + random.below(REPLY_AFTER_MS) };
    await sandbox.acquirer({ match, reply: '0', settle, times: 1 });
  };
}

type Replaced = 'api' | 'worker' | 'webhook' | 'orders';

/** The running process of one app, and the link that leads to it where it serves requests. */
class RollingApp {
  readonly #stack: ChaosStack;
  readonly #name: Replaced;
  readonly #link: SeverableLink | undefined;
  current: StartedProcess;

  constructor(stack: ChaosStack, name: Replaced, link?: SeverableLink) {
    this.#stack = stack;
    this.#name = name;
    this.#link = link;
    this.current = stack.process(name);
    link?.leadTo(stack.urls[name]);
  }

  get name(): string {
    return this.#name;
  }

  /**
   * The new process is ready before the old one is asked to stop; resolves with the old one's end.
   */
  async replace(): Promise<{ ms: number; problems: string[] }> {
    const old = this.current;
    const { process: started, url } = await this.#stack.launchBeside(this.#name);
    this.current = started;
    this.#link?.leadTo(url);
    const startedAt = Date.now();
    process.kill(old.pid, 'SIGTERM');
    const { code, signal } = await old.exited;
    const ms = Date.now() - startedAt;
    const isOrderly = code === 0 && ms <= STOPS_WITHIN_MS;
    const problem = `${this.#name} ended with ${signal ?? code} after ${ms} ms`;
    return { ms, problems: isOrderly ? [] : [problem] };
  }
}

function replaceAll(apps: readonly RollingApp[], { random, scale, step }: Context) {
  const rounds = scale.isShort ? 1 : ROUNDS;
  return step('upgrade', async (say) => {
    const ends = [];
    for (let round = 1; round <= rounds; round += 1) {
      for (const app of random.shuffled(apps)) {
        say(`round ${round} of ${rounds}: ${app.name}`);
        await pause(BETWEEN_MS);
        ends.push(await app.replace());
      }
    }
    return ends;
  });
}

export async function rollingRestartPart(context: Context): Promise<PartResult> {
  const { random, run } = context;
  // They lead to the processes once the stack has started.
  const nowhere = 'http://127.0.0.1:9';
  const links = {
    api: await linkTo(nowhere),
    webhook: await linkTo(nowhere),
    orders: await linkTo(nowhere),
  };
  const addressOf = ({ url }: SeverableLink) => new URL(url).origin;
  const extra = { ...PATIENT, PUBLIC_CALLBACK_URL: addressOf(links.webhook) };
  const stack = await startStack(context, { prefix: 'upgrade', extra });
  const apps = [
    new RollingApp(stack, 'api', links.api),
    new RollingApp(stack, 'worker'),
    new RollingApp(stack, 'webhook', links.webhook),
    new RollingApp(stack, 'orders', links.orders),
  ];
  const moved = { api: addressOf(links.api), orders: addressOf(links.orders) };
  const before = slowGateway(stack, random);
  const load = new Load(stack, { prefix: `upgrade-${run}`, callers: 6, moved, before }).start();
  const ends = await replaceAll(apps, context);
  await load.stop();
  const { verdicts, problems } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  const { count } = await stack.row<{ count: number }>(IN_DOUBT);
  if (count > 0) problems.push(`${count} payments were cut between first byte and stored reply`);
  problems.push(...ends.flatMap((end) => end.problems));
  for (const app of apps) await app.current.stop();
  await stopStack(context, stack);
  await Promise.all(Object.values(links).map((link) => link.cut()));
  const longestMs = Math.max(...ends.map(({ ms }) => ms));
  const head = ['replaced', 'payments', 'first answers', 'ended', 'longest stop'];
  const cells = [verdicts.length, load.answers(), countByStatus(verdicts), `${longestMs} ms`];
  return resultOf(head, [{ name: `${ends.length} processes`, cells, problems }]);
}
