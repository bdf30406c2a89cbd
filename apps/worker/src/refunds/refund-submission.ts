// Sends one refund request to the gateway, at most once. The order is that of a payment's
// submission: build the request, take the fence, send, store the outcome. After the fence only this
// process may send, and only once.
import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Exchange, GatewayClient, interpretRefundReply } from '@quittance/gateway';
import { encodeRefund, type WireRequest } from '@quittance/gateway-protocol';
import {
  currencyExponent,
  decideRefund,
  fullReason,
  type Refund,
  type RefundedPayment,
  type RefundOutcome,
} from '@quittance/payments';
import { type RefundChange, Refunds, type Terminal, Terminals } from '@quittance/persistence';
import { Clock, crashPoint, Logger } from '@quittance/platform';
import { Breakers } from '../breaker/breakers.js';
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
    private readonly breakers: Breakers,
  ) {}

  /**
   * Sends a queued refund, or ends it unsent when its deadline has passed or its payment has
   * changed.
   */
  async submit(loaded: RefundedPayment, terminal: Terminal): Promise<void> {
    const isLate = this.clock.now() >= loaded.refund.submitBefore;
    // The refunds of a paused terminal stay queued and come due again. A pause does not extend the
    // deadline.
    if (terminal.pausedReason !== null && !isLate) return;
    const request = requestFor(loaded, terminal);
    const window = new SendWindow('refund', this.settings.timeoutMs);
    const refund = await this.#takeFence(loaded, terminal);
    if (!refund) return;
    const fenced = { ...loaded, refund };
    crashPoint('refund-submission.after-fence');

    const startedAt = performance.now();
    const exchange = await this.#send(fenced, terminal, request, window);
    const durationMs = Math.round(performance.now() - startedAt);
    crashPoint('refund-submission.after-reply');
    await this.#store(fenced, terminal, { exchange, durationMs });
    crashPoint('refund-submission.after-commit');
  }

  /** Resolves with `undefined` when another process was faster or the refund may not be sent. */
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
    { payment, refund }: RefundedPayment,
    terminal: Terminal,
    request: WireRequest,
    window: SendWindow,
  ): Promise<Exchange> {
    const limits = { timeoutMs: this.settings.timeoutMs, mayStart: window.mayStart };
    const reread = async () => (await this.refunds.load(refund.id))?.refund;
    const send = () => this.gateway.refund(terminal, request, limits);
    return sendFenced(refund, window, reread, () =>
      this.breakers.watch(terminal, payment.transId ?? payment.reference, send),
    );
  }

  /** Stores the gateway's reply, which until then only this process knows. */
  async #store(
    fenced: RefundedPayment,
    terminal: Terminal,
    { exchange, durationMs }: { exchange: Exchange; durationMs: number },
  ): Promise<void> {
    const outcome = interpretRefundReply(exchange, terminal);
    const random = Math.random();
    const plan = (current: RefundedPayment): RefundChange | undefined => {
      // The reply is stored already, although Postgres' confirmation was lost, and a later attempt
      // is in progress. This call must not close that one.
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

/** A payment without a transID cannot be refunded; decideRefund() opens no attempt for it. */
function requestFor({ payment, refund }: RefundedPayment, terminal: Terminal): WireRequest {
  return encodeRefund({
    transId: payment.transId ?? '',
    amount: { minor: refund.amountMinor, exponent: currencyExponent(refund.currency) ?? 2 },
    ...(refund.reason !== null && { reason: refund.reason }),
    publicKey: terminal.publicKey,
  });
}

/** Returns the stored evidence of an exchange: codes and reasons, never bodies. */
function evidenceOf(outcome: RefundOutcome, exchange: Exchange) {
  const word = 'code' in outcome ? outcome.code : null;
  return {
    outcome: outcome.kind,
    httpStatus: exchange.kind === 'replied' ? exchange.httpStatus : null,
    reason: 'reason' in outcome ? fullReason(outcome) : word,
  };
}
