// Updates a payment's status: asks the acquirer, stores the allowed transitions, and sends the
// webhook. The updating endpoints, the payer's OTP form, the acquirer's callback and scripts share
// it.
import { Injectable } from '@nestjs/common';
import { acquirerResponse } from '../acquirer/acquirer.js';
import { CurrentGeneration } from '../generation/generation.js';
import { Ledger } from '../transactions/ledger.js';
import { type StatusMap, updatedMap } from '../transactions/transaction-view.js';
import { moveTo, type Transaction } from '../transactions/transaction.js';
import { serverTimeText } from '../wire/server-time.js';
import { WebhookNotifier } from '../webhook/webhook-notifier.js';
import { decideUpdate } from './transition.js';

/**
 * The gateway's failure on a missing webhook_url: the server dereferences a null value (protocol
 * §12, trap 25).
 */
export class MissingWebhookUrl extends Error {
  override readonly name = 'MissingWebhookUrl';

  constructor() {
    super('Cannot invoke "String.isEmpty()" because "webhookUrl" is null');
  }
}

export interface StatusUpdate {
  /** The map of §5.2, which is also the webhook's body. */
  readonly map: Readonly<StatusMap>;
  readonly isStored: boolean;
}

@Injectable()
export class StatusUpdater {
  constructor(
    private readonly ledger: Ledger,
    private readonly generation: CurrentGeneration,
    private readonly notifier: WebhookNotifier,
  ) {}

  /**
   * Runs one update. The webhook, if any, is sent before this resolves (§6.2). Throws
   * MissingWebhookUrl when the payment was created without one; nothing is stored then.
   */
  async update(
    transaction: Transaction,
    options: { testAuth?: string | undefined } = {},
  ): Promise<StatusUpdate> {
    const { acquirerStatus } = transaction;
    const { shown, isStored } = decideUpdate(
      { stored: transaction.orderStatus, acquirer: acquirerStatus, testAuth: options.testAuth },
      this.generation.behaviour,
    );
    if (isStored) return this.store(transaction, shown);
    if (transaction.webhookUrl === undefined) throw new MissingWebhookUrl();
    return { map: this.mapOf(transaction, shown), isStored };
  }

  /** Stores a code regardless of the transition rules, and sends the webhook; for scripts. */
  async store(transaction: Transaction, orderStatus: number): Promise<StatusUpdate> {
    const { webhookUrl } = transaction;
    if (webhookUrl === undefined) throw new MissingWebhookUrl();
    moveTo(transaction, orderStatus, acquirerResponse(orderStatus));
    this.ledger.changed(transaction);
    const map = this.mapOf(transaction, orderStatus);
    if (webhookUrl === '') return { map, isStored: true };
    // Set even when no webhook is sent in the end; the fraction is always padded milliseconds
    // (§6.3).
    map['webhook_notify_time'] = serverTimeText(new Date(), 'paddedMilliseconds');
    await this.notifier.notify(transaction, webhookUrl, map);
    return { map, isStored: true };
  }

  /** Returns the reply for an acquirer's code of which nothing is stored (§5.2, last line). */
  mapOf(transaction: Transaction, shown: number): StatusMap {
    const map = updatedMap(transaction, this.generation.behaviour, shown);
    const { acquirerStatus } = transaction;
    if (acquirerStatus !== undefined) map['connector_status_code'] = String(acquirerStatus);
    return map;
  }
}
