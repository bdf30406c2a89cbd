// One case of the kill matrix: arms the process, has a caller act, waits for the death, starts the
// process again without the arm, follows the payment and its refund to their ends, and judges them.
import type { StartedProcess } from '../../../tools/processes/session.js';
import { Oracle, type Verdict } from '../oracle.js';
import type { ChaosStack, Environment } from '../stack/chaos-stack.js';
import type { AppName } from '../../../tools/stack/apps.js';
import { nameOf, type Death, type KillCase } from './cases.js';
import {
  ENDS_WITHIN_MS,
  FLOWS,
  storedRefund,
  type CommandFlow,
  type Ends,
  type Flow,
} from './flows.js';

const DIES_WITHIN_MS = 45_000;
/** A relay's work may be done by another process's relay: then the next payment leads there. */
const NEXT_PAYMENT_AFTER_MS = 4_000;

/** The result of a case; the counts and the status are those of its first payment. */
export interface CaseResult extends Partial<Omit<Verdict, 'reference' | 'problems'>> {
  readonly one: KillCase;
  readonly gateway: string;
  readonly references: readonly string[];
  readonly problems: string[];
  readonly refund?: string;
}

/** Resolves with the signal that ended the process, or `undefined` when the time is over. */
function deathOf(started: StartedProcess, limitMs: number): Promise<string | null | undefined> {
  let timer: NodeJS.Timeout;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  const death = started.exited.then(({ signal }) => signal);
  return Promise.race([death, tooLate]).finally(() => clearTimeout(timer));
}

const isCommand = (flow: Flow): flow is CommandFlow => 'command' in flow;

class CaseRun {
  readonly references: string[] = [];
  readonly flow: Flow;
  readonly #one: KillCase;
  readonly #stack: ChaosStack;
  readonly #sent: Promise<unknown>[] = [];

  constructor(one: KillCase, stack: ChaosStack, reference: string) {
    this.#one = one;
    this.#stack = stack;
    this.flow = new FLOWS[one.flow](stack, reference);
  }

  async play() {
    const environment = await this.flow.prepare();
    const problems = isCommand(this.flow)
      ? await this.#killCommand(this.flow)
      : await this.#killApp(environment);
    if (problems.length > 0) return { problems };
    await Promise.all(this.#sent);
    await this.flow.follow();
    return this.#judge();
  }

  /** The command dies, and the operator, who saw no end of it, repeats it. */
  async #killCommand({ command, reference }: CommandFlow): Promise<string[]> {
    const { dies } = this.#one;
    this.references.push(reference);
    const dead = await this.#stack.operate(command, { QUITTANCE_CRASH_AT: dies });
    if (dead.signal !== 'SIGKILL') return [`${dies} was never reached: ${dead.output}`];
    const again = await this.#stack.operate(command);
    return again.code === 0 ? [] : [`the repeated command failed: ${again.output}`];
  }

  async #killApp(environment: Environment): Promise<string[]> {
    const { after, ...last } = this.#one;
    const first = after ?? last;
    let armed = await this.#arm(first, environment);
    await this.flow.script();
    this.#act();
    let hasDied = false;
    void armed.exited.then(() => (hasDied = true));
    // A payment whose intake dies is accepted after the restart only, so this is not awaited yet.
    const followed = this.#sent[0]?.then(() => this.flow.afterResponse(() => hasDied));
    followed?.catch(() => {});
    if (!(await this.#dies(armed))) return this.#notReached(first);
    if (after) {
      armed = await this.#arm(last, environment);
      if (!(await this.#dies(armed))) return this.#notReached(last);
    }
    await this.#stack.launch(last.in as AppName);
    await followed;
    await this.flow.afterRestart();
    return [];
  }

  async #arm({ dies, in: name }: Death, environment: Environment): Promise<StartedProcess> {
    await this.#stack.process(name as AppName).kill();
    const armed = { ...environment, QUITTANCE_CRASH_AT: dies };
    return this.#stack.launchArmed(name as AppName, armed);
  }

  #act(): void {
    const number = this.references.length;
    const { reference: first } = this.flow;
    const reference = number === 0 ? first : `${first}-${number}`;
    this.references.push(reference);
    const sent = this.flow.act(reference);
    sent.catch(() => {});
    this.#sent.push(sent);
  }

  async #dies(armed: StartedProcess): Promise<boolean> {
    const deadline = Date.now() + DIES_WITHIN_MS;
    const isShared = this.#one.dies.startsWith('relay.');
    while (Date.now() < deadline) {
      const limitMs = isShared ? NEXT_PAYMENT_AFTER_MS : deadline - Date.now();
      const signal = await deathOf(armed, limitMs);
      if (signal !== undefined) return signal === 'SIGKILL';
      if (isShared) this.#act();
    }
    return false;
  }

  async #notReached({ dies, in: name }: Death): Promise<string[]> {
    await this.#stack.replace(name as AppName);
    return [`${dies} was never reached in ${name}`];
  }

  /** The ends of the payments, and that of the refund of the first one. */
  async #judge() {
    const oracle = new Oracle(this.#stack.urls);
    const ends: Ends = this.#one.ends ?? this.flow.ends;
    const verdicts = await Promise.all(
      this.references.map((reference) => oracle.verdict(reference, ENDS_WITHIN_MS, ends.payment)),
    );
    await this.#inquireNoMore();
    const problems = verdicts.flatMap((verdict) =>
      verdict.problems.map((problem) => `${verdict.reference}: ${problem}`),
    );
    const { reference: _reference, ...first } = verdicts[0] ?? { reference: '' };
    if (ends.refund === undefined) return { ...first, problems };
    const refund = (await storedRefund(this.#stack, this.flow.reference))?.status ?? 'nothing';
    if (refund !== ends.refund) problems.push(`its refund is ${refund} instead of ${ends.refund}`);
    return { ...first, problems, refund };
  }

  /** So that later inquiries are not taken for those of the next case. */
  async #inquireNoMore(): Promise<void> {
    for (const table of ['payment_intents', 'refunds'])
      await this.#stack.query(`UPDATE ${table} SET next_step_at = NULL WHERE status = 'in_doubt'`);
  }
}

/** Plays one case on a stack that no other one uses meanwhile. */
export async function playCase(
  one: KillCase,
  stack: ChaosStack,
  reference: string,
): Promise<CaseResult> {
  const run = new CaseRun(one, stack, reference);
  const result = await run
    .play()
    .catch((error: Error) => ({ problems: [`${nameOf(one)}: ${error.message}`] }));
  return { one, gateway: run.flow.gateway, references: run.references, ...result };
}
