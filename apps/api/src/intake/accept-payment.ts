// The use case behind `POST /v1/payment-intents`: read, seal, commit. Once it has returned, the payment is durable.
import { Injectable } from '@nestjs/common';
import { cardOf } from '@quittance/cards';
import type { Payment } from '@quittance/payments';
import { Payments, Terminals, type TerminalWithoutKey } from '@quittance/persistence';
import { Clock, Conflict, crashPoint, InvariantViolation } from '@quittance/platform';
import { KeySet, sealCard, sealCardJwe } from '@quittance/vault';
import { IntakeSettings } from '../config.js';
import { differingFields } from './differing-fields.js';
import { newPayment } from './new-payment.js';
import { readCreatePayment, type ReadRequest, terminalNameIn } from './payment-rules.js';

/** A request to accept. */
export interface AcceptRequest {
  readonly merchantId: string;
  /** As it came, parsed from JSON and not checked. */
  readonly body: unknown;
  /** Canonical; `undefined` where it is not known. */
  readonly callerIp: string | undefined;
}

/** A payment that is stored, and whether it was before. */
export interface Accepted {
  readonly payment: Payment;
  readonly terminalName: string;
  readonly isReplayed: boolean;
}

@Injectable()
export class AcceptPayment {
  constructor(
    private readonly payments: Payments,
    private readonly terminals: Terminals<TerminalWithoutKey>,
    private readonly keys: KeySet,
    private readonly clock: Clock,
    private readonly settings: IntakeSettings,
  ) {}

  /**
   * Stores a payment, or finds the one stored for the same reference. Throws `validation_failed` with every fault, and
   * `reference_conflict` with the fields that differ.
   */
  async accept({ merchantId, body, callerIp }: AcceptRequest): Promise<Accepted> {
    const { submitWithinMs } = this.settings;
    const now = this.clock.now();
    const name = terminalNameIn(body);
    const terminal =
      name === undefined ? undefined : await this.terminals.loadByName(merchantId, name);
    const read = readCreatePayment(body, { terminal, now, keys: this.keys });
    const payment = newPayment(read, { merchantId, callerIp, now, submitWithinMs });
    const sealedCard = await this.#seal(read, payment.id);
    const terminalName = read.terminal.name;
    crashPoint('intake.before-commit');
    const isNew = await this.payments.accept({ payment, terminalName, sealedCard });
    crashPoint('intake.after-commit');
    if (isNew) {
      return { payment, terminalName, isReplayed: false };
    }
    return { payment: await this.#stored(payment), terminalName, isReplayed: true };
  }

  async #seal({ request }: ReadRequest, paymentId: string): Promise<string | null> {
    const context = { paymentId, keys: this.keys };
    if (request.card) return sealCard(cardOf(request.card), context);
    return request.card_jwe === undefined ? null : sealCardJwe(request.card_jwe, context);
  }

  async #stored(repeated: Payment): Promise<Payment> {
    const { merchantId, reference } = repeated;
    const stored = await this.payments.loadByReference(merchantId, reference);
    if (!stored) throw new InvariantViolation('reference_vanished', 'a taken reference is free');
    const fields = differingFields(stored, repeated);
    if (fields.length === 0) return stored;
    const detail = 'This reference was used for a payment with other content; see errors.';
    throw new Conflict('reference_conflict', detail, { errors: fields.map(differs) });
  }
}

function differs(path: string) {
  return { path, code: 'differs', message: 'Differs from what this reference was used for.' };
}
