// Asks the gateway for one refund, at most once. Same order as a payment's submission: build the
// request, take the fence, send, store what was learned. After the fence this process is the only
// one that may send, and only once.
import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Exchange, GatewayClient, interpretRefundReply } from '@quittance/gateway';
import { encodeRefund, type WireRequest } from '@quittance/gateway-protocol';
import {
  currencyExponent,
  decideRefund,
  type Refund,
  type RefundedPayment,
  type RefundOutcome,
} from '@quittance/payments';
import { type RefundChange, Refunds, type Terminal, Terminals } from '@quittance/persistence';
import { Clock, crashPoint, Logger } from '@quittance/platform';
import { GatewaySettings } from '../config.js';
import { sendFenced, SendWindow, takeFence, retryUntilStored } from '../submission/fence.js';

@Injectable()
export class RefundSubmission {
  constructor(
    private readonly refunds: Refunds,
    private readonly terminals: Terminals,
    private readonly gateway: GatewayClient,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly settings: GatewaySettings,
  ) {}

  /**
   * Sends a refund that is queued, unless its time is over or its payment has moved on: then it
   * ends unsent.
   */
  async submit(loaded: RefundedPayment, terminal: Terminal): Promise<void> {
    const isLate = this.clock.now() >= loaded.refund.submitBefore;
    // A paused terminal's refunds stay queued; they come due again. A pause must not keep one from
    // its end.
    if (terminal.pausedReason !== null && !isLate) return;
    const request = requestFor(loaded, terminal);
    const window = new SendWindow('refund', this.settings.timeoutMs);
    const fenced = await this.#takeFence(loaded, terminal);
    if (!fenced) return;
    crashPoint('refund-submission.after-fence');

    const startedAt = performance.now();
    const exchange = await this.#send(fenced, terminal, request, window);
    const durationMs = Math.round(performance.now() - startedAt);
    crashPoint('refund-submission.after-reply');
    await this.#store({ ...loaded, refund: fenced }, terminal, { exchange, durationMs });
    crashPoint('refund-submission.after-commit');
  }

  /** The refund as fenced, or `undefined` when somebody was faster or it may not be sent. */
  async #takeFence(before: RefundedPayment, terminal: Terminal): Promise<Refund | undefined> {
    const now = this.clock.now();
    const replyBefore = new Date(now.getTime() + this.settings.timeoutMs);
    const evidence = { cause: 'request', act: 'open', replyBefore } as const;
    const decision = decideRefund(before, evidence, now);
    const change = { before, decision, terminalName: terminal.name };
    if (decision.move?.to !== 'submitting') {
      crashPoint('refund-giving-up.before-commit');
      await this.refunds.record(change);
      crashPoint('refund-giving-up.after-commit');
      return undefined;
    }
    const opensAttempt = { replyBefore, openedBy: randomUUID() };
    crashPoint('refund-submission.before-fence');
    const isTaken = await takeFence(this.log, this.refunds, { ...change, opensAttempt });
    return isTaken ? decision.next : undefined;
  }

  #send(
    fenced: Refund,
    terminal: Terminal,
    request: WireRequest,
    window: SendWindow,
  ): Promise<Exchange> {
    const limits = { timeoutMs: this.settings.timeoutMs, mayStart: window.mayStart };
    const reread = async () => (await this.refunds.load(fenced.id))?.refund;
    return sendFenced(fenced, window, reread, () => this.gateway.refund(terminal, request, limits));
  }

  /** What the gateway said is known to this process alone until it is stored. */
  async #store(
    fenced: RefundedPayment,
    terminal: Terminal,
    { exchange, durationMs }: { exchange: Exchange; durationMs: number },
  ): Promise<void> {
    const outcome = interpretRefundReply(exchange, terminal);
    const random = Math.random();
    const plan = (current: RefundedPayment): RefundChange | undefined => {
      // Stored already, though the answer to the commit was lost, and a later attempt is open: it
      // is not this one's to close.
      if (current.refund.attempt !== fenced.refund.attempt) return undefined;
      const evidence = { cause: 'reply', outcome, random } as const;
      return {
        before: current,
        decision: decideRefund(current, evidence, this.clock.now()),
        terminalName: terminal.name,
        closesAttempt: { ...evidenceOf(outcome, exchange), durationMs },
      };
    };
    const written = await retryUntilStored(this.log, 'a reply', () =>
      this.refunds.apply(fenced, plan),
    );
    if (written?.decision.alert === 'terminal_misconfigured' && outcome.kind === 'notSent')
      await this.terminals.pause(terminal.id, outcome.reason, this.clock.now());
  }
}

/**
 * Without a transID it would ask for nothing, but then decideRefund() opens no attempt to send it.
 */
function requestFor({ payment, refund }: RefundedPayment, terminal: Terminal): WireRequest {
  return encodeRefund({
    transId: payment.transId ?? '',
    amount: { minor: refund.amountMinor, exponent: currencyExponent(refund.currency) ?? 2 },
    ...(refund.reason !== null && { reason: refund.reason }),
    publicKey: terminal.publicKey,
  });
}

/** What is kept of an exchange: words and numbers, never bodies. */
function evidenceOf(outcome: RefundOutcome, exchange: Exchange) {
  const word = 'code' in outcome ? outcome.code : null;
  return {
    outcome: outcome.kind,
    httpStatus: exchange.kind === 'replied' ? exchange.httpStatus : null,
    reason: 'reason' in outcome ? outcome.reason : word,
  };
}
