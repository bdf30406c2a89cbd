// The part "lies": every fault of the gateway, each alone and all mixed among honest replies. Every
// payment must in the end agree with the gateway's ledger, or be in doubt with its reason and its
// next step.
import { setTimeout as pause } from 'node:timers/promises';
import { countByStatus, problemsOf } from '../load.js';
import { Oracle, type Verdict } from '../oracle.js';
import { startStack, stopStack, type Context, type PartResult } from '../part.js';
import { Caller } from '../payments.js';
import type { Random } from '../random.js';
import { SandboxControl } from '../sandbox-control.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { markdownTable } from '../table.js';
import { inParallel, until } from '../waiting.js';
import { LIES, scriptLie, type Lie } from './lies.js';

const FAULTY_SHARE = 0.05;
const ALONE_SHARE = 0.2;
/** At once; most of them only wait for their next inquiry. */
const WIDTH = 200;
const REFUSED_WIDTH = 10;
const JUDGED_AT_ONCE = 24;
const REFUSES_FOR_MS = 400;
const ACCEPTED_WITHIN_MS = 120_000;
const REACHES_GATEWAY_WITHIN_MS = 60_000;
const CONVERGES_WITHIN_MS = 90_000;
const PROBLEMS_SHOWN = 20;
/** For all payments: nothing listens at the gateway for a while. */
const CONNECTION_REFUSED = 'connection refused';

const UNEXPLAINED = `
SELECT reference FROM payment_intents
WHERE status = 'in_doubt' AND (doubt_reason IS NULL OR next_step_at IS NULL)`;
const FAILED_BY_TIMER = `
SELECT p.reference FROM payment_events e JOIN payment_intents p ON p.id = e.payment_id
WHERE e.status = 'failed' AND e.cause = 'sweeper'`;

/** The verdict on a payment, with the name of its fault. */
type Result = Verdict & { readonly lie: string };

/** Each fault as often as the others, and honest payments with a fault in twenty of them. */
function plan(
  lies: readonly Lie[],
  payments: number,
  random: Random,
): readonly (Lie | undefined)[] {
  const perLie = Math.max(1, Math.round((payments * ALONE_SHARE) / lies.length));
  const alone = lies.flatMap((lie) => Array.from({ length: perLie }, () => lie));
  const mixed = Array.from({ length: Math.max(0, payments - alone.length) }, () =>
    random.next() < FAULTY_SHARE ? random.pick(lies) : undefined,
  );
  return [...random.shuffled(alone), ...mixed];
}

class LyingGateway {
  readonly #stack: ChaosStack;
  readonly #caller: Caller;
  readonly #oracle: Oracle;
  readonly #sandbox: SandboxControl;

  constructor(stack: ChaosStack) {
    this.#stack = stack;
    this.#caller = Caller.of(stack);
    this.#oracle = new Oracle(stack.urls);
    this.#sandbox = new SandboxControl(stack.urls.sandbox);
  }

  /**
   * Sends one payment about which the gateway lies, or an honest one, and follows it to its end.
   */
  async play(lie: Lie | undefined, reference: string): Promise<Result> {
    const name = lie?.name ?? 'none';
    try {
      return { lie: name, ...(await this.#follow(lie, reference)) };
    } catch (error) {
      return { lie: name, reference, problems: [(error as Error).message] };
    }
  }

  async #follow(lie: Lie | undefined, reference: string): Promise<Verdict> {
    if (lie) await scriptLie(this.#sandbox, reference, lie.scripts);
    await this.#caller.accept(reference, { limitMs: ACCEPTED_WITHIN_MS });
    if (lie?.secondSettlement) await this.#settleAgain(reference, lie.secondSettlement);
    if (lie?.watchedForMs) await pause(lie.watchedForMs);
    const ends = lie?.ends ?? 'succeeded';
    const verdict = await this.#oracle.verdict(reference, CONVERGES_WITHIN_MS, ends);
    // The status is a guess: a connection that was cut may have prevented the payment from
    // arriving.
    return verdict.problems.length === 0 ? verdict : this.#oracle.verdict(reference, 0);
  }

  async #settleAgain(
    reference: string,
    { orderStatus, afterMs }: { orderStatus: string; afterMs: number },
  ): Promise<void> {
    const look = async () => (await this.#sandbox.ledger(reference)).data[0]?.transID;
    const what = `${reference} at the gateway`;
    const transID = await until(look, { what, limitMs: REACHES_GATEWAY_WITHIN_MS });
    await pause(afterMs);
    await this.#sandbox.settle(transID, orderStatus);
  }

  /** As the gateway's port is closed again and again: an unsent payment is sent later, once. */
  async playRefused(reference: string, random: Random): Promise<Result> {
    if (random.below(5) === 0)
      await this.#sandbox.fault({ fault: 'refuse_connection', for_ms: REFUSES_FOR_MS });
    return { ...(await this.play(undefined, reference)), lie: CONNECTION_REFUSED };
  }

  /** Problems that show at the end only: late charges, and doubts that will not be resolved. */
  async problemsAtEnd(results: readonly Result[]): Promise<string[]> {
    const verdicts = await inParallel(results, JUDGED_AT_ONCE, ({ reference }) =>
      this.#oracle.verdict(reference, 5_000),
    );
    const unexplained = await this.#stack.query<{ reference: string }>(UNEXPLAINED);
    const byTimer = await this.#stack.query<{ reference: string }>(FAILED_BY_TIMER);
    return [
      ...problemsOf(verdicts).slice(0, PROBLEMS_SHOWN),
      ...unexplained.map(
        ({ reference }) => `${reference} is in doubt without a reason or a next step`,
      ),
      ...byTimer.map(({ reference }) => `${reference} was failed by a timer`),
    ];
  }
}

export async function liesPart(context: Context): Promise<PartResult> {
  const { random, run, step, scale } = context;
  const stack = await startStack(context, { prefix: 'lies' });
  const gateway = new LyingGateway(stack);
  // Without those that have to be watched for a minute and more.
  const lies = scale.isShort ? LIES.filter(({ watchedForMs }) => !watchedForMs) : LIES;
  const planned = plan(lies, scale.payments, random);
  const results = await step('lies', (say) => {
    let ended = 0;
    return inParallel(planned, WIDTH, async (lie, at) => {
      const result = await gateway.play(lie, `lies-${run}-${at}`);
      say(`${(ended += 1)} of ${planned.length} payments`);
      return result;
    });
  });
  const count = Math.max(5, Math.round(scale.payments * 0.01));
  const references = Array.from({ length: count }, (_, at) => `refused-${run}-${at}`);
  const refused = await step('refused', (say) =>
    inParallel(references, REFUSED_WIDTH, async (reference, at) => {
      const result = await gateway.playRefused(reference, random);
      say(`${at + 1} of ${count} payments`);
      return result;
    }),
  );
  const all = [...results, ...refused];
  const problems = await gateway.problemsAtEnd(all);
  await stopStack(context, stack);
  return resultByLie(all, problems);
}

function resultByLie(results: readonly Result[], problemsAtEnd: string[]): PartResult {
  const names = [...new Set(results.map(({ lie }) => lie))].toSorted((one, other) =>
    one.localeCompare(other),
  );
  const groups = names.map((name) => ({
    name,
    group: results.filter(({ lie }) => lie === name),
  }));
  const rows = groups.map(({ name, group }) => [
    name,
    group.length,
    countByStatus(group),
    group.filter(({ problems }) => problems.length > 0).length,
  ]);
  const checks = groups.map(({ name, group }) => ({ name, problems: problemsOf(group) }));
  return {
    table: markdownTable(['fault of the gateway', 'payments', 'ended', 'wrong'], rows),
    checks: [...checks, { name: 'at the end', problems: problemsAtEnd }],
  };
}
