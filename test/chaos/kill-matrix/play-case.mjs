// Plays one case: arms the process, sends a payment, sees the process die there, starts it again without the arm, follows
// the payment to its end, and asks the oracle.
import { Caller } from '../payments.mjs';
import { Oracle } from '../oracle/oracle.mjs';
import { FLOWS } from './flows.mjs';
import { nameOf } from './cases.mjs';

const DIES_WITHIN_MS = 45_000;
/** A relay's work may be taken by another process's relay: then the next payment leads there. */
const NEXT_PAYMENT_AFTER_MS = 4_000;
/** The sweeper's patience, a due step's lease and the first questions, one after another. */
const ENDS_WITHIN_MS = 150_000;

/** Resolves with the signal that ended the process, or `undefined` when the time is over. */
function deathOf(started, limitMs) {
  let timer;
  const tooLate = new Promise((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  const death = started.exited.then(({ signal }) => signal);
  return Promise.race([death, tooLate]).finally(() => clearTimeout(timer));
}

class CaseRun {
  references = [];
  #sent = [];

  constructor(oneCase, { stack, reference }) {
    this.one = oneCase;
    this.stack = stack;
    this.reference = reference;
    this.flow = FLOWS[oneCase.flow]();
    const { urls, apiKey } = stack;
    this.caller = new Caller({ apiUrl: urls.api, sandboxUrl: urls.sandbox, apiKey });
  }

  async play() {
    const { one, stack, flow } = this;
    const first = one.after ?? one;
    const environment = (await flow.environment?.(stack)) ?? {};
    let armed = await this.#arm(first, environment);
    await flow.before(stack, this.reference);
    this.#send();
    let hasDied = false;
    void armed.exited.then(() => (hasDied = true));
    // A payment whose intake dies is accepted only after the restart, so what follows acceptance must not wait for it.
    const followed = this.#sent[0].then(() => flow.after?.(stack, () => hasDied));
    followed.catch(() => {});
    if (!(await this.#dies(armed))) return this.#notReached(first);
    if (one.after) {
      armed = await this.#arm(one, environment, { isDead: true });
      if (!(await this.#dies(armed))) return this.#notReached(one);
    }
    await stack.launch(one.in);
    await followed;
    await flow.end?.(stack);
    return this.#judge();
  }

  #arm({ dies, in: name }, environment, { isDead = false } = {}) {
    const extra = { ...environment, QUITTANCE_CRASH_AT: dies };
    return isDead ? this.stack.launch(name, extra) : this.stack.replace(name, extra);
  }

  #send() {
    const number = this.references.length;
    const reference = number === 0 ? this.reference : `${this.reference}-${number}`;
    this.references.push(reference);
    const sent = this.caller.accept(reference);
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
      if (isShared) this.#send();
    }
    return false;
  }

  async #notReached({ dies, in: name }) {
    await this.stack.replace(name);
    return { problems: [`${dies} was never reached in ${name}`] };
  }

  async #judge() {
    await Promise.all(this.#sent);
    const oracle = new Oracle(this.stack.urls);
    const verdicts = await Promise.all(
      this.references.map((reference) => oracle.verdict(reference, ENDS_WITHIN_MS)),
    );
    // So that its later questions are not taken for those of the next case.
    await this.stack.query(
      `UPDATE payment_intents SET next_step_at = NULL WHERE status = 'in_doubt'`,
    );
    const [{ requests, charges, status, sequence }] = verdicts;
    const problems = verdicts.flatMap((verdict) =>
      verdict.problems.map((problem) => `${verdict.reference}: ${problem}`),
    );
    return { requests, charges, status, sequence, problems };
  }
}

/**
 * @returns {Promise<{ one: object, ms: number, problems: string[], status?: string, requests?: number, charges?: number }>}
 */
export async function playCase(one, { stack, reference }) {
  const startedAt = Date.now();
  const run = new CaseRun(one, { stack, reference });
  const result = await run
    .play()
    .catch((error) => ({ problems: [`${nameOf(one)}: ${error.message}`] }));
  return { one, reference, references: run.references, ms: Date.now() - startedAt, ...result };
}
