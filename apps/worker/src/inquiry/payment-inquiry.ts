// Inquires about a payment at the gateway and decides on the answer. An inquiry without an answer
// leaves the payment as it is. Every inquiry about a payment in doubt is stored, for operators and
// as evidence that the gateway does not hold the payment.
import { Injectable } from '@nestjs/common';
import { GatewayClient } from '@quittance/gateway';
import {
  ABANDONED_AFTER_MS,
  absenceCounts,
  decide,
  type Decision,
  type Evidence,
  type InquiryAnswer,
  isEnded,
  mismatch,
  type Payment,
  rivalFor,
} from '@quittance/payments';
import {
  DoubtInquiries,
  type LoadedPayment,
  Payments,
  type Terminal,
  Terminals,
  TransactionOwners,
} from '@quittance/persistence';
import { Clock, crashPoint, inSpan, type SpanOptions } from '@quittance/platform';
import { GatewaySettings } from '../config.js';
import type { Places } from '../places/places.js';
import { WorkerPlaces } from '../places/worker-places.js';
import { RefundInquiry } from '../refunds/refund-inquiry.js';
import { HintInquiry, type InquiryResult, inquireAtGateway } from './inquiry-strategies.js';

/** The answer to an inquiry about a payment in doubt, as it is stored. */
export interface JudgedAnswer {
  readonly answer: InquiryAnswer;
  /** The reason for which a due absence did not count. */
  readonly remark: string | null;
}

/**
 * Decides whether "not found" proves that the gateway does not hold a payment. It does so only
 * where the terminal has opted in and the probe is proven to work: a deployment that does not
 * honour `unique_reference` finds nothing, whatever it holds (protocol §11).
 */
@Injectable()
export class AbsenceJudge {
  constructor(
    private readonly doubts: DoubtInquiries,
    private readonly gateway: GatewayClient,
  ) {}

  /** Resolves with the answer unchanged, or with `absent` in place of a "not found" that counts. */
  async judge(
    payment: Payment,
    terminal: Terminal,
    { strategy, answer, askedAt }: InquiryResult & { readonly askedAt: Date },
  ): Promise<JudgedAnswer> {
    const asIs = { answer, remark: null };
    const { absentAfterMs } = terminal;
    const isProbe = strategy === 'probe';
    if (!isProbe || answer.kind !== 'notFound' || absentAfterMs === null) return asIs;
    const { asked, replyDueAt } = await this.doubts.absenceFacts(payment.id);
    const withThis = [...asked, { askedAt, isProbe, answer: answer.kind }];
    if (!absenceCounts({ asked: withThis, replyDueAt, absentAfterMs })) return asIs;
    return (await this.#isProbeProven(payment, terminal))
      ? { answer: { kind: 'absent' }, remark: null }
      : { answer, remark: 'probe_not_proven' };
  }

  /** True when the probe finds a payment of this terminal that the gateway is known to hold. */
  async #isProbeProven(payment: Payment, terminal: Terminal): Promise<boolean> {
    const reference = await this.doubts.knownReference(terminal.id, payment.id);
    if (reference === undefined) return false;
    const { kind } = await this.gateway.probe(terminal, reference, terminal.publicKey);
    return kind === 'existsWithoutDetails';
  }
}

@Injectable()
export class PaymentInquiry {
  constructor(
    private readonly payments: Payments,
    private readonly terminals: Terminals,
    private readonly doubts: DoubtInquiries,
    private readonly owners: TransactionOwners,
    private readonly absence: AbsenceJudge,
    private readonly hints: HintInquiry,
    private readonly gateway: GatewayClient,
    private readonly refunds: RefundInquiry,
    private readonly clock: Clock,
    private readonly settings: GatewaySettings,
    private readonly places: WorkerPlaces,
  ) {}

  /**
   * Takes the payment's due step: sweeps an abandoned attempt, or inquires. Resolves with the
   * decision, if there was anything to do. Rejects with Unavailable when the terminal already has
   * its share of `places`, by default those for inquiries.
   */
  async inquire(paymentId: string, places = this.places.inquiries): Promise<Decision | undefined> {
    const loaded = await this.payments.load(paymentId);
    if (!loaded) return undefined;
    const { payment } = loaded;
    const terminal = await this.terminals.load(payment.terminalId, loaded.terminalVersion);
    if (!terminal || payment.status === 'queued') return undefined;
    return inSpan('payment.inquire', spanOf(payment), () =>
      this.#takeStep(loaded, terminal, places),
    );
  }

  async #takeStep(
    loaded: LoadedPayment,
    terminal: Terminal,
    places: Places,
  ): Promise<Decision | undefined> {
    const { payment } = loaded;
    if (hasRefund(payment))
      return places.hold(terminal.id, () => this.refunds.inquireOfPayment(payment.id, terminal));
    const isSweep = payment.status === 'submitting';
    const evidence = isSweep
      ? this.#sweep(payment)
      : await places.hold(terminal.id, () => this.#ask(payment, terminal));
    if (!evidence) return undefined;
    crashPoint(isSweep ? 'sweep.before-commit' : 'inquiry.before-commit');
    const change = await this.payments.apply(loaded, ({ payment: current }) => ({
      before: current,
      decision: decide(current, evidence, this.clock.now()),
      terminalName: terminal.name,
    }));
    crashPoint(isSweep ? 'sweep.after-commit' : 'inquiry.after-commit');
    return change?.decision;
  }

  /** Leaves the worker that opened the attempt time to store the reply after its deadline. */
  #sweep(payment: Payment): Evidence | undefined {
    const patience = this.settings.timeoutMs + ABANDONED_AFTER_MS;
    const isAbandoned = this.clock.now().getTime() >= payment.updatedAt.getTime() + patience;
    return isAbandoned ? { cause: 'sweeper', act: 'abandoned' } : undefined;
  }

  async #ask(payment: Payment, terminal: Terminal): Promise<Evidence> {
    crashPoint('inquiry.before-question');
    const askedAt = this.clock.now();
    const { strategy, answer: said } = await this.#bestAnswer(payment, terminal);
    crashPoint('inquiry.after-answer');
    const answer = payment.transId === null ? await this.#withRival(payment, said) : said;
    const { asks } = payment;
    if (payment.status !== 'inDoubt') return { cause: 'inquiry', answer, asks };
    const asked = { strategy, answer, askedAt };
    const judged = await this.absence.judge(payment, terminal, asked);
    await this.doubts.add(payment.id, {
      askedAt,
      strategy,
      answer: judged.answer.kind,
      detail: judged.remark ?? detailOf(payment, answer),
    });
    return { cause: 'inquiry', answer: judged.answer, asks };
  }

  /**
   * Adds the payment that the reported transaction belongs to, if it is another one. A reference is
   * unique within a merchant, but the gateway's look-up searches the payments of all its merchants;
   * a transID from a callback is whatever the callback's author wrote.
   */
  async #withRival(payment: Payment, answer: InquiryAnswer): Promise<InquiryAnswer> {
    if (answer.kind !== 'reported') return answer;
    const { report } = answer;
    const { transId } = report;
    const rival =
      rivalFor(report, await this.owners.others(payment, transId)) ??
      (await this.owners.deletedRival(payment, transId));
    return rival ? { ...answer, rival } : answer;
  }

  /**
   * Prefers a transaction that a callback named and that fits the payment; otherwise uses the
   * terminal's own strategy, if it has one.
   */
  async #bestAnswer(payment: Payment, terminal: Terminal): Promise<InquiryResult> {
    const named = await this.hints.ask(payment, terminal);
    if (named?.answer.kind === 'reported') return named;
    const asked = await inquireAtGateway(this.gateway, payment, terminal);
    return named && asked.answer.kind === 'noWayToAsk' ? named : asked;
  }
}

/**
 * The span continues the payment's trace. The watch over an ended payment lasts half a year: its
 * inquiries have traces of their own, linked to the payment's.
 */
function spanOf({ id, status, traceparent }: Payment): SpanOptions {
  const origin = isEnded(status)
    ? { parent: null, links: [traceparent] }
    : { parent: traceparent ?? null };
  const attributes = { 'quittance.payment_id': id, 'quittance.status': status };
  return { kind: 'consumer', ...origin, attributes };
}

/** Returns the detail stored with an answer: its code, or why it was rejected or missing. */
function detailOf(payment: Payment, answer: InquiryAnswer): string | null {
  if (answer.kind === 'unanswered') return answer.reason;
  if (answer.kind !== 'reported') return null;
  const { report, rival } = answer;
  const difference = mismatch(payment, report, { mustBeComplete: true, rival });
  return difference ? `not believed: ${difference}` : `order_status ${report.orderStatus}`;
}

/** True when the payment has a refund that has not failed: the gateway's answer is about both. */
function hasRefund({ refundReservedMinor }: Payment): boolean {
  return refundReservedMinor > 0n;
}
