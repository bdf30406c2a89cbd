// Sends the webhook of a stored update; a script can drop, delay, duplicate, reorder or falsify it.
import { Injectable } from '@nestjs/common';
import { Faults, type FaultScript } from '../exchange/faults.js';
import { wrongFields } from '../exchange/wrong-fields.js';
import { CurrentGeneration } from '../generation/generation.js';
import { Timers } from '../exchange/timers.js';
import { Terminals } from '../transactions/terminals.js';
import type { Transaction } from '../transactions/transaction.js';
import type { JsonObject } from '../wire/gateway-reply.js';
import { webhookBody } from './webhook-body.js';
import { WebhookSender } from './webhook-sender.js';

/** The time after which a held webhook is sent although no other one followed. */
const REORDER_LIMIT_MS = 2_000;

type Send = () => Promise<void>;

@Injectable()
export class WebhookNotifier {
  /** Webhooks that wait for the next one of the same payment. */
  readonly #heldBack = new Map<string, Send>();

  constructor(
    private readonly terminals: Terminals,
    private readonly generation: CurrentGeneration,
    private readonly faults: Faults,
    private readonly sender: WebhookSender,
    private readonly timers: Timers,
  ) {}

  /** Resolves when the webhook was sent, or at once when a script delays or drops it. */
  async notify(transaction: Transaction, webhookUrl: string, map: JsonObject): Promise<void> {
    const { reference, transId } = transaction;
    const fault = this.faults.take(['callback'], { path: undefined, reference });
    const body = webhookBody(transaction, withFault(map, fault), {
      terminal: this.terminals.find(transaction.publicKey),
      behaviour: this.generation.behaviour,
    });
    if (body === undefined) return;
    const send = (): Promise<void> => this.sender.post(webhookUrl, body);
    if (fault?.fault === 'reordered_callbacks') return this.#holdBack(transId, send);
    await this.#sendWith(fault, send);
    await this.#release(transId);
  }

  /** Sends a payload that is not a payment's update: the dashboard's manual webhook (§6.2). */
  resend(webhookUrl: string, payload: unknown): Promise<void> {
    const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
    const body = JSON.stringify(isObject ? payload : { data: payload });
    return this.sender.post(webhookUrl, body, 'PGX-Webhook-Sender/1.0');
  }

  forget(): void {
    this.#heldBack.clear();
  }

  async #sendWith(fault: FaultScript | undefined, send: Send): Promise<void> {
    switch (fault?.fault) {
      case 'no_callback':
        return;
      case 'late_callback_ms':
        this.timers.after(fault.ms ?? 1_000, () => void send());
        return;
      case 'duplicate_callback':
        await send();
        return send();
      default:
        return send();
    }
  }

  #holdBack(transId: string, send: Send): void {
    this.#heldBack.set(transId, send);
    this.timers.after(REORDER_LIMIT_MS, () => {
      if (this.#heldBack.get(transId) === send) void this.#release(transId);
    });
  }

  async #release(transId: string): Promise<void> {
    const send = this.#heldBack.get(transId);
    if (!send) return;
    this.#heldBack.delete(transId);
    await send();
  }
}

function withFault(map: JsonObject, fault: FaultScript | undefined): JsonObject {
  return wrongFields(fault?.fault)?.(map) ?? map;
}
