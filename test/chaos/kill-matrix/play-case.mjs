// Plays one case: arms the process, has a caller act, sees the process die there, starts it again without the arm, follows the
// payment and its refund to their end, and asks the oracle.
import { Caller } from '../payments.ts';
import { nameOf } from './cases.mjs';
import { deathOf } from './death.mjs';
import { FLOWS } from './flows.mjs';
import { judgeEnds } from './judge-ends.mjs';

const DIES_WITHIN_MS = 45_000;
/** A relay's work may be taken by another process's relay: then the next payment leads there. */
const NEXT_PAYMENT_AFTER_MS = 4_000;

class CaseRun {
  references = [];
  #sent = [];

  constructor(oneCase, { stack, reference }) {
    this.one = oneCase;
    this.stack = stack;
    this.reference = reference;
    this.flow = FLOWS[oneCase.flow]();
    this.ends = oneCase.ends ?? this.flow.ends;
  }

  async play() {
    await this.flow.prepare?.(this.stack, this.reference);
    const problems = await (this.one.in === 'operator' ? this.#killOperator() : this.#killApp());
    if (problems.length > 0) return { problems };
    await Promise.all(this.#sent);
    await this.flow.follow?.(this.stack, this.reference);
    return judgeEnds(this);
  }

  /** The command dies, and the person who saw no end of it types it again. */
  async #killOperator() {
    const { one, stack, reference } = this;
    this.references.push(reference);
    const command = this.flow.command(reference);
    const dead = await stack.operate(command, { QUITTANCE_CRASH_AT: one.dies });
    if (dead.signal !== 'SIGKILL') return [`${one.dies} was never reached: ${dead.output}`];
    const again = await stack.operate(command);
    return again.code === 0 ? [] : [`typed again, it failed: ${again.output}`];
  }

  async #killApp() {
    const { one, stack, flow } = this;
    const first = one.after ?? one;
    const environment = (await flow.environment?.(stack)) ?? {};
    let armed = await this.#arm(first, environment);
    await flow.before?.(stack, this.reference);
    this.#act();
    let hasDied = false;
    void armed.exited.then(() => (hasDied = true));
    // A payment whose intake dies is accepted only after the restart, so what follows acceptance must not wait for it.
    const followed = this.#sent[0].then(() => flow.after?.(stack, () => hasDied));
    followed.catch(() => {});
    if (!(await this.#dies(armed))) return this.#notReached(first);
    if (one.after) {
      armed = await this.#arm(one, environment);
      if (!(await this.#dies(armed))) return this.#notReached(one);
    }
    await stack.launch(one.in);
    await followed;
    await flow.end?.(stack);
    return [];
  }

  async #arm({ dies, in: name }, environment) {
    await this.stack.process(name).kill();
    return this.stack.launchArmed(name, { ...environment, QUITTANCE_CRASH_AT: dies });
  }

  #act() {
    const number = this.references.length;
    const reference = number === 0 ? this.reference : `${this.reference}-${number}`;
    this.references.push(reference);
    const { act = () => Caller.of(this.stack).accept(reference) } = this.flow;
    const sent = act(this.stack, reference);
    sent.catch(() => {});
    this.#sent.push(sent);
  }

  async #dies(armed) {
    const deadline = Date.now() + DIES_WITHIN_MS;
    const isShared = this.one.dies.startsWith('relay.');
    while (Date.now() < deadline) {
      const limitMs = isShared ? NEXT_PAYMENT_AFTER_MS : deadline - Date.now();
      const signal = await deathOf(armed, limitMs);
      if (signal !== undefined) return signal === 'SIGKILL';
      if (isShared) this.#act();
    }
    return false;
  }

  async #notReached({ dies, in: name }) {
    await this.stack.replace(name);
    return [`${dies} was never reached in ${name}`];
  }
}

/**
 * @returns {Promise<{ one: object, ms: number, problems: string[], status?: string, requests?: number, charges?: number,
 *   refund?: string, refundRequests?: number }>}
 */
export async function playCase(one, { stack, reference }) {
  const startedAt = Date.now();
  const run = new CaseRun(one, { stack, reference });
  const result = await run
    .play()
    .catch((error) => ({ problems: [`${nameOf(one)}: ${error.message}`] }));
  return { one, reference, references: run.references, ms: Date.now() - startedAt, ...result };
}
