// Takes a refund's due step, whatever it is: its status says.
import { ABANDONED_AFTER_MS, decideRefund, type RefundedPayment } from '@quittance/payments';
import type { Refunds, Terminal, Terminals } from '@quittance/persistence';
import { type Clock, crashPoint } from '@quittance/platform';
import type { Places } from '../places/places.js';
import type { InquireRefund } from './inquire-refund.js';
import type { SubmitRefund } from './submit-refund.js';

export class AdvanceRefund {
  constructor(
    private readonly refunds: Refunds,
    private readonly terminals: Terminals,
    private readonly submission: SubmitRefund,
    private readonly inquiry: InquireRefund,
    private readonly clock: Clock,
    private readonly options: {
      /** Of submissions: an attempt is abandoned only well after its reply was due. */
      readonly timeoutMs: number;
      readonly places: Places;
    },
  ) {}

  /** Sends, sweeps or asks. Repeats of a step that is done do nothing. Throws when the terminal has its share of the places. */
  async advance(refundId: string): Promise<void> {
    const loaded = await this.refunds.load(refundId);
    const terminal =
      loaded && (await this.terminals.load(loaded.payment.terminalId, loaded.terminalVersion));
    if (!loaded || !terminal) return;
    const { places } = this.options;
    switch (loaded.refund.status) {
      case 'queued':
        return places.hold(terminal.id, () => this.submission.submit(loaded, terminal));
      case 'submitting':
        return this.#sweep(loaded, terminal);
      case 'inDoubt':
        await places.hold(terminal.id, () => this.inquiry.inquire(loaded, terminal, 'refund'));
        return;
      case 'accepted':
      case 'succeeded':
      case 'failed':
        return;
    }
  }

  /** The worker that opened the attempt had until its reply deadline, and time to store the reply. */
  async #sweep(loaded: RefundedPayment, terminal: Terminal): Promise<void> {
    const now = this.clock.now();
    const patience = this.options.timeoutMs + ABANDONED_AFTER_MS;
    if (now.getTime() < loaded.refund.updatedAt.getTime() + patience) return;
    crashPoint('refund-sweep.before-commit');
    await this.refunds.apply(loaded, (current) => {
      const decision = decideRefund(current, { cause: 'sweeper', act: 'abandoned' }, now);
      return decision.move ? { before: current, decision, terminalName: terminal.name } : undefined;
    });
    crashPoint('refund-sweep.after-commit');
  }
}
