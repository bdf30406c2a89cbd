// One payment, one record at the gateway, and all evidence about it, in any order and with repeats.
// The decision is a parameter, so that a test can show that the property finds a wrong one.
import fc from 'fast-check';
import { resolvableStatuses } from '../src/decide-on-request.js';
import type { decide as decideType } from '../src/decide.js';
import type { Evidence, Outcome } from '../src/evidence.js';
import { meaningOfState } from '../src/reported-state.js';
import type { Payment } from '../src/payment.js';
import { hasBeenCharged, isEnded, isHandedOver, type PaymentStatus } from '../src/status.js';
import { NOW, aPayment, fromNow } from './a-payment.js';
import { isCharge, type Life, reportOf, someLife } from './gateway-ledger.js';
import { isRegress } from './stages.js';

/** A drawn scenario: the gateway's record, and the evidence besides it. */
interface Plan {
  readonly life: Life;
  /** The reply to our request: lost, cut off, or the gateway's first report. */
  readonly reply: 'none' | 'unknown' | 'alreadyKnown' | 'first';
  /** The number of callbacks for each code. */
  readonly callbacks: readonly number[];
  readonly inquiries: number;
  /** The resolution that each operator chooses. */
  readonly operators: readonly number[];
  readonly isAbsenceCounted: boolean;
  readonly refundMinor: bigint;
  /** Callbacks that others post to the payment's address at any time, with any content. */
  readonly forged: readonly Forgery[];
}

interface Forgery {
  readonly code: string;
  /** The transID in the callback; null for the payment's own. */
  readonly transId: string | null;
  readonly authUrl: string | null;
}

/** Codes of every kind, also unpublished ones. Their form does not matter to decide(). */
const forgedCodes = '0 1 2 3 5 7 8 9 10 11 22 23 24 25 26 27 28 12 99'.split(' ');

const someForgery: fc.Arbitrary<Forgery> = fc.record({
  code: fc.constantFrom(...forgedCodes),
  transId: fc.constantFrom(null, null, '999', '998'),
  authUrl: fc.constantFrom(null, null, 'https://phishing.example/api/authurl/1'),
});

const somePlan: fc.Arbitrary<Plan> = fc.record({
  life: someLife,
  reply: fc.constantFrom('none', 'unknown', 'alreadyKnown', 'first', 'first'),
  callbacks: fc.array(fc.nat({ max: 2 }), { minLength: 6, maxLength: 6 }),
  inquiries: fc.nat({ max: 3 }),
  operators: fc.array(fc.nat({ max: 7 }), { maxLength: 2 }),
  isAbsenceCounted: fc.boolean(),
  refundMinor: fc.constantFrom(0n, 500n, 1111n),
  forged: fc.array(someForgery, { maxLength: 5 }),
});

class World {
  payment: Payment = aPayment('submitting', { mode: 'test' });
  /** The first rule that was broken. */
  fault: string | undefined;
  #code: string | undefined;

  constructor(
    readonly plan: Plan,
    readonly scheduler: fc.Scheduler,
    readonly decide: typeof decideType,
  ) {
    this.#code = plan.life[0];
  }

  /** Schedules all evidence; an event's consequences are scheduled when it happens. */
  begin(): void {
    const { life, reply, inquiries, operators, isAbsenceCounted, refundMinor, forged } = this.plan;
    if (reply !== 'none') this.#later(() => this.#learnReply(reply));
    this.#callBack(0);
    const steps = life.slice(1).map((code, index) => async () => this.#advance(code, index + 1));
    void this.scheduler.scheduleSequence(steps);
    for (let count = 0; count < inquiries; count += 1) this.#later(() => this.#ask());
    for (const choice of operators) this.#later(() => this.#resolve(choice));
    if (isAbsenceCounted)
      this.#later(() => this.learn({ cause: 'inquiry', answer: { kind: 'absent' } }));
    if (refundMinor > 0n) this.#later(() => this.#refund());
    for (const forgery of forged) this.#later(() => this.#learnForgery(forgery));
    this.#later(() => this.learn({ cause: 'sweeper', act: 'abandoned' }));
  }

  /**
   * Decides on one piece of evidence. Stores a fault instead of throwing it, because tasks of the
   * scheduler have no caller to throw to.
   */
  learn(evidence: Evidence): void {
    const before = this.payment;
    const { next, move } = this.decide(before, evidence, NOW);
    if (move && isRegress(move.from, move.to)) this.fault ??= `${move.from} → ${move.to}`;
    const isAskedNow = next.nextStepAt !== null && next.nextStepAt <= NOW;
    this.payment = isAskedNow ? { ...next, nextStepAt: fromNow(3_600_000) } : next;
    if (isAskedNow && isHandedOver(next.status)) this.#ask();
  }

  /** Delivers the true report, at the end. */
  learnTruth(): void {
    const code = this.#code;
    const answer =
      code === undefined
        ? ({ kind: 'notFound' } as const)
        : ({ kind: 'reported', report: reportOf(code) } as const);
    this.learn({ cause: 'inquiry', answer });
  }

  #later(act: () => void): void {
    void this.scheduler.schedule(Promise.resolve()).then(act);
  }

  #learnForgery({ code, transId, authUrl }: Forgery): void {
    const report = reportOf(code);
    const others = { transId: transId ?? report.transId, authUrl: authUrl ?? report.authUrl };
    this.learn({ cause: 'callback', report: { ...report, ...others } });
  }

  #advance(code: string, index: number): void {
    this.#code = code;
    this.#callBack(index);
  }

  #callBack(index: number): void {
    const code = this.plan.life[index];
    if (code === undefined) return;
    for (let count = 0; count < (this.plan.callbacks[index] ?? 0); count += 1)
      this.#later(() => this.learn({ cause: 'callback', report: reportOf(code) }));
  }

  #learnReply(kind: 'unknown' | 'alreadyKnown' | 'first'): void {
    this.learn({ cause: 'reply', outcome: this.#outcome(kind), random: 0 });
  }

  #outcome(kind: 'unknown' | 'alreadyKnown' | 'first'): Outcome {
    const [first] = this.plan.life;
    if (first === undefined || kind === 'unknown') return { kind: 'unknown', reason: 'no_reply' };
    if (kind === 'alreadyKnown') return { kind, code: '5012' };
    if (first === '10' || first === '28')
      return { kind: 'blocked', code: '403', transId: reportOf(first).transId, message: 'Blocked' };
    return { kind: 'reported', report: reportOf(first) };
  }

  /** Reads the record at once; the answer may arrive after later events. */
  #ask(): void {
    const code = this.#code;
    if (code === undefined)
      return this.#later(() => this.learn({ cause: 'inquiry', answer: { kind: 'notFound' } }));
    const answer = { kind: 'reported', report: reportOf(code) } as const;
    return this.#later(() => this.learn({ cause: 'inquiry', answer }));
  }

  /**
   * Resolves a doubt. The operator may be wrong about an end without a charge, but never claims a
   * charge that the gateway does not have.
   */
  #resolve(choice: number): void {
    const seen = this.#code === undefined ? undefined : statusOf(this.#code, this.payment);
    const words = resolvableStatuses.filter(
      (status) => !hasBeenCharged(status) || (isCharge(this.#code) && status === seen),
    );
    const to = words[choice % words.length];
    if (to) this.learn({ cause: 'operator', to });
  }

  /**
   * Refunds the payment: only one that we know to be charged, and whose charge the gateway has not
   * begun to take back.
   */
  #refund(): void {
    if (this.payment.status !== 'succeeded' || this.#code !== '1') return;
    this.payment = { ...this.payment, refundedMinor: this.plan.refundMinor };
  }

  /** True when the payment's status agrees with the gateway's record. */
  isTrue(): boolean {
    const { status, nextStepAt, transId, authUrl } = this.payment;
    const own = reportOf('0');
    if (![null, own.transId].includes(transId) || ![null, own.authUrl].includes(authUrl))
      return false;
    const isUnchargedEnd = isEnded(status) && !hasBeenCharged(status);
    if (this.#code === undefined)
      return status === 'submitting' || status === 'inDoubt' || isUnchargedEnd;
    const truth = statusOf(this.#code, this.payment);
    // The end is assumed while the payment is open at the gateway: the status stays, and inquiries
    // continue.
    const isBeingAsked = isUnchargedEnd && nextStepAt !== null;
    return status === truth || (truth !== undefined && !isEnded(truth) && isBeingAsked);
  }
}

function statusOf(code: string, payment: Payment): PaymentStatus | undefined {
  const { authUrl, state } = reportOf(code);
  const meaning = meaningOfState(state, { ...payment, authUrl: payment.authUrl ?? authUrl });
  return 'status' in meaning ? meaning.status : undefined;
}

/**
 * Runs `decide` through `runs` interleavings and returns fast-check's result. With `isPlanted` only
 * finding a fault matters, so the fault is not shrunk, which takes longer than finding it.
 */
export function checkConvergence(
  decide: typeof decideType,
  runs: number,
  { isPlanted }: { readonly isPlanted: boolean },
) {
  const property = fc.asyncProperty(fc.scheduler(), somePlan, async (scheduler, plan) => {
    const world = new World(plan, scheduler, decide);
    world.begin();
    await scheduler.waitIdle();
    // An attempt without any evidence is swept. The sweep may have happened before, but never
    // without a reason.
    world.learn({ cause: 'sweeper', act: 'abandoned' });
    world.learnTruth();
    const fault =
      world.fault ?? (world.isTrue() ? undefined : `${world.payment.status} in the end`);
    if (fault !== undefined) throw new Error(fault);
  });
  return fc.check(property, { numRuns: runs, endOnFailure: isPlanted });
}
