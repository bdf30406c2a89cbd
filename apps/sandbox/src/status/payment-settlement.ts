// Settles a payment as the acquirer's callback to the gateway would: by script, or some time after
// the create call.
import { Injectable } from '@nestjs/common';
import { Logger } from '@quittance/platform';
import type { Settlement } from '../acquirer/acquirer.js';
import { MissingWebhookUrl, type StatusUpdate, StatusUpdater } from './status-updater.js';
import type { Transaction } from '../transactions/transaction.js';
import { Timers } from '../exchange/timers.js';

@Injectable()
export class PaymentSettlement {
  constructor(
    private readonly updates: StatusUpdater,
    private readonly timers: Timers,
    private readonly logger: Logger,
  ) {}

  /**
   * Resolves when the webhook was sent. With `force` the code is stored regardless of the
   * transition rules. Throws MissingWebhookUrl.
   */
  settle(transaction: Transaction, orderStatus: number, force: boolean): Promise<StatusUpdate> {
    // Codes 25 and 26 of a pending test card come from the payer, not from an acquirer (protocol
    // §5.4).
    const isFromPayer =
      transaction.orderStatus === 27 && (orderStatus === 25 || orderStatus === 26);
    if (!isFromPayer) transaction.acquirerStatus = orderStatus;
    if (force) return this.updates.store(transaction, orderStatus);
    const testAuth = orderStatus === 25 ? 'approved' : 'declined';
    return this.updates.update(transaction, isFromPayer ? { testAuth } : {});
  }

  settleLater(transaction: Transaction, { orderStatus, afterMs }: Settlement): void {
    this.timers.after(afterMs, () => {
      this.settle(transaction, orderStatus, false).catch((error: unknown) => {
        if (!(error instanceof MissingWebhookUrl))
          this.logger.error({ err: error }, 'settlement failed');
      });
    });
  }
}
