// Takes a refund's due step, which depends on its status.
import { Injectable } from '@nestjs/common';
import { ABANDONED_AFTER_MS, decideRefund, type RefundedPayment } from '@quittance/payments';
import { type LoadedRefund, Refunds, type Terminal, Terminals } from '@quittance/persistence';
import { Clock, crashPoint, inSpan } from '@quittance/platform';
import { Breakers } from '../breaker/breakers.js';
import { GatewaySettings } from '../config.js';
import { WorkerPlaces } from '../places/worker-places.js';
import { RefundInquiry } from './refund-inquiry.js';
import { RefundSubmission } from './refund-submission.js';

@Injectable()
export class RefundSteps {
  constructor(
    private readonly refunds: Refunds,
    private readonly terminals: Terminals,
    private readonly submission: RefundSubmission,
    private readonly inquiry: RefundInquiry,
    private readonly clock: Clock,
    private readonly settings: GatewaySettings,
    private readonly places: WorkerPlaces,
    private readonly breakers: Breakers,
  ) {}

  /**
   * Submits the refund, sweeps its abandoned attempt, or inquires. Does nothing when the step is
   * already done. Rejects with Unavailable when the terminal has its share of the places, or its
   * gateway does not respond.
   */
  async advance(refundId: string): Promise<void> {
    const loaded = await this.refunds.load(refundId);
    const terminal =
      loaded && (await this.terminals.load(loaded.payment.terminalId, loaded.terminalVersion));
    if (!loaded || !terminal) return;
    const { payment, refund } = loaded;
    const attributes = {
      'quittance.payment_id': payment.id,
      'quittance.refund_id': refund.id,
      'quittance.status': refund.status,
    };
    const options = { kind: 'consumer', parent: payment.traceparent ?? null, attributes } as const;
    await inSpan('refund.advance', options, () => this.#takeStep(loaded, terminal));
  }

  async #takeStep(loaded: LoadedRefund, terminal: Terminal): Promise<void> {
    switch (loaded.refund.status) {
      case 'queued':
        return this.#submit(loaded, terminal);
      case 'submitting':
        return this.#sweep(loaded, terminal);
      case 'inDoubt':
        await this.places.refunds.hold(terminal.id, () =>
          this.inquiry.inquire(loaded, terminal, 'refund'),
        );
        return;
      case 'accepted':
      case 'succeeded':
      case 'failed':
        return;
    }
  }

  /** A refund whose deadline has passed ends unsent, whether the gateway responds or not. */
  #submit(loaded: LoadedRefund, terminal: Terminal): Promise<void> {
    const { refunds } = this.places;
    const submit = () => refunds.hold(terminal.id, () => this.submission.submit(loaded, terminal));
    const maySend = terminal.pausedReason === null && this.clock.now() < loaded.refund.submitBefore;
    return maySend ? this.breakers.pass(terminal, refunds.pace, submit) : submit();
  }

  /** Leaves the worker that opened the attempt time to store the reply after its deadline. */
  async #sweep(loaded: RefundedPayment, terminal: Terminal): Promise<void> {
    const now = this.clock.now();
    const patience = this.settings.timeoutMs + ABANDONED_AFTER_MS;
    if (now.getTime() < loaded.refund.updatedAt.getTime() + patience) return;
    crashPoint('refund-sweep.before-commit');
    await this.refunds.apply(loaded, (current) => {
      const decision = decideRefund(current, { cause: 'sweeper', act: 'abandoned' }, now);
      return decision.move ? { before: current, decision, terminalName: terminal.name } : undefined;
    });
    crashPoint('refund-sweep.after-commit');
  }
}
