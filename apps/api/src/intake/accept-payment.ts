// The use case behind `POST /v1/payment-intents`: read, seal, commit. Once it has returned, the
// payment is durable.
import { Injectable } from '@nestjs/common';
import { cardOf } from '@quittance/cards';
import type { Customer, Payment } from '@quittance/payments';
import { Payments, Terminals, type TerminalWithoutKey } from '@quittance/persistence';
import { Clock, Conflict, crashPoint, InvariantViolation, newId } from '@quittance/platform';
import { KeySet, sealCard, sealCardJwe } from '@quittance/vault';
import { IntakeSettings } from '../config.js';
import {
  readAmount,
  readCreatePayment,
  type ReadRequest,
  terminalNameIn,
} from './payment-rules.js';

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
   * Stores a payment, or finds the one stored for the same reference. Throws `validation_failed`
   * with every fault, and `reference_conflict` with the fields that differ.
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

/** What the caller's request does not say. */
export interface AcceptanceContext {
  readonly merchantId: string;
  /**
   * Used where the request does not name the payer's address. Canonical; `undefined` where it is
   * not known.
   */
  readonly callerIp: string | undefined;
  readonly now: Date;
  readonly submitWithinMs: number;
}

/**
 * The relay hands the payment to a worker within milliseconds. If that message is lost with Redis,
 * the sweeper finds the payment due after this; sooner, it would add jobs for payments that only
 * wait in a long queue.
 */
const SWEEP_AFTER_MS = 30_000;

/** A payment as it is before anything happened to it: `queued`, version 1. */
export function newPayment(
  { request, terminal }: ReadRequest,
  context: AcceptanceContext,
): Payment {
  const { now, merchantId, submitWithinMs } = context;
  const money = readAmount(request.amount, request.currency);
  if (typeof money === 'string') throw new InvariantViolation('unchecked_amount', money);
  return {
    id: newId('pi'),
    merchantId,
    terminalId: terminal.id,
    mode: terminal.mode,
    lane: terminal.lane,
    reference: request.reference,
    amountMinor: money.minor,
    currency: money.currency,
    method: request.method,
    productName: request.product_name,
    returnUrl: request.return_url,
    sourceUrl: request.source_url ?? null,
    customer: customerOf(request.customer, context.callerIp),
    metadata: request.metadata ?? {},
    card: request.card?.number.summary ?? null,
    ...UNTOUCHED,
    submitBefore: new Date(now.getTime() + submitWithinMs),
    nextStepAt: new Date(now.getTime() + SWEEP_AFTER_MS),
    createdAt: now,
    updatedAt: now,
  };
}

const UNTOUCHED = {
  status: 'queued',
  version: 1,
  epoch: 0,
  inquiries: 0,
  asks: 0,
  asksAnswered: 0,
  refundedMinor: 0n,
  refundReservedMinor: 0n,
  transId: null,
  orderStatus: null,
  gatewayResponse: null,
  authUrl: null,
  failure: null,
  doubtReason: null,
  flags: [],
  hintedAt: null,
} as const satisfies Partial<Payment>;

function customerOf(
  customer: ReadRequest['request']['customer'],
  callerIp: string | undefined,
): Customer {
  const { address, ip, ...named } = customer ?? {};
  const { postal_code: postalCode, ...lines } = address ?? {};
  return {
    ...named,
    ip: ip ?? callerIp,
    ...(address && { address: { ...lines, postalCode } }),
  };
}

// Whether a repeated reference asks for the same payment. What only describes the moment (the
// payer's address, notes) does not count. Numbers are compared as numbers, and a card by the little
// that may be stored of it. Of a card that its caller sealed nothing may be, and two seals of one
// card differ: any sealed card counts as the one before, which is the only one ever sent. A card
// and a sealed card differ.

/** Path in the request, and the value that counts. Values are compared and never shown. */
const COMPARED: ReadonlyArray<readonly [path: string, value: (payment: Payment) => unknown]> = [
  ['terminal', ({ terminalId }) => terminalId],
  ['amount', ({ amountMinor }) => amountMinor],
  ['currency', ({ currency }) => currency],
  ['product_name', ({ productName }) => productName],
  ['method', ({ method }) => method],
  ['card', ({ card }) => card !== null],
  ['card.number', ({ card }) => card && `${card.brand} ${card.first6} ${card.last4}`],
  ['customer.name', ({ customer }) => customer.name],
  ['customer.email', ({ customer }) => customer.email],
  ['customer.phone', ({ customer }) => customer.phone],
  ['customer.address.line1', ({ customer }) => customer.address?.line1],
  ['customer.address.city', ({ customer }) => customer.address?.city],
  ['customer.address.state', ({ customer }) => customer.address?.state],
  ['customer.address.postal_code', ({ customer }) => customer.address?.postalCode],
  ['customer.address.country', ({ customer }) => customer.address?.country],
  ['return_url', ({ returnUrl }) => returnUrl],
  ['source_url', ({ sourceUrl }) => sourceUrl],
];

/**
 * The fields in which `repeated` asks for something else than `stored`; none when it is the same
 * request.
 */
export function differingFields(stored: Payment, repeated: Payment): string[] {
  const paths = COMPARED.flatMap(([path, value]) =>
    value(stored) === value(repeated) ? [] : [path],
  );
  // Where only one of the two has a card in clear sight, there is no number to compare.
  return paths.includes('card') ? paths.filter((path) => path !== 'card.number') : paths;
}
