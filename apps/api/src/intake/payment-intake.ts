// The use case behind `POST /v1/payment-intents`: validates the request, encrypts the card and
// commits. Once it has resolved, the payment is durable.
import { Injectable } from '@nestjs/common';
import { cardOf } from '@quittance/cards';
import type { Customer, Payment, Webhook } from '@quittance/payments';
import { Payments, Terminals, type TerminalWithoutKey } from '@quittance/persistence';
import {
  Clock,
  Conflict,
  crashPoint,
  currentTraceparent,
  type FaultEntry,
  inSpan,
  InvalidRequest,
  InvariantViolation,
  newId,
} from '@quittance/platform';
import { KeySet, sealCard, sealCardJwe } from '@quittance/vault';
import { AddressSettings, baseUrlOf, IntakeSettings } from '../config.js';
import { type PaymentKind, Pressure } from '../pressure/pressure.js';
import { CardSession } from './card-session.js';
import { differingFields } from './differing-fields.js';
import {
  readAmount,
  readCreatePayment,
  type ReadRequest,
  terminalNameIn,
} from './payment-rules.js';

/** A request to create a payment. */
export interface AcceptRequest {
  readonly merchantId: string;
  /** The parsed JSON, not validated yet. */
  readonly body: unknown;
  /** Canonical; `undefined` when unknown. */
  readonly callerIp: string | undefined;
  /** The value of `Idempotency-Key`; `undefined` without one. */
  readonly idempotencyKey?: string | undefined;
  /** True for one of many: it shares statements with others of its kind. */
  readonly isBulk?: boolean;
  /** The kind of request under pressure: a job and a line of a batch wait first. */
  readonly kind?: PaymentKind;
  /** The merchant's address for callbacks in the gateway's form. */
  readonly webhook?: Webhook | undefined;
  /** Faults of parts of the request that are not in `body`. */
  readonly faults?: readonly FaultEntry[];
  /** True where a card must be encrypted by the caller: one in clear is a fault. Default false. */
  readonly refusesClearCards?: boolean;
  /** The caller's trace, from its `traceparent` header: the payment's own, or a batch's. */
  readonly traceparent?: string | undefined;
}

/** A stored payment, and whether it existed before the request. */
export interface Accepted {
  readonly payment: Payment;
  readonly terminalName: string;
  readonly isReplayed: boolean;
}

@Injectable()
export class PaymentIntake {
  constructor(
    private readonly payments: Payments,
    private readonly terminals: Terminals<TerminalWithoutKey>,
    private readonly keys: KeySet,
    private readonly session: CardSession,
    private readonly clock: Clock,
    private readonly settings: IntakeSettings,
    private readonly addresses: AddressSettings,
    private readonly pressure: Pressure,
  ) {}

  /**
   * Stores a payment, or finds the one with the same reference. Throws `validation_failed` with
   * every fault, `reference_conflict` with the fields that differ, `idempotency_key_reused` when
   * the key came with another request before, and `overloaded` under pressure, when nothing was
   * stored.
   */
  accept(request: AcceptRequest): Promise<Accepted> {
    const { traceparent = null, isBulk } = request;
    // The payments of one batch have a trace each: its caller's would have thousands of spans.
    const origin = isBulk ? { parent: null, links: [traceparent] } : { parent: traceparent };
    return inSpan('payment.accept', { kind: 'server', ...origin }, async (span) => {
      const accepted = await this.#accept(request);
      const { payment, isReplayed } = accepted;
      span.set({ 'quittance.payment_id': payment.id, 'quittance.is_replayed': isReplayed });
      if (isReplayed) span.link(payment.traceparent ?? null);
      return accepted;
    });
  }

  async #accept(request: AcceptRequest): Promise<Accepted> {
    const { merchantId, body, callerIp, webhook, isBulk, idempotencyKey = null } = request;
    const { refusesClearCards = false, kind = 'payment' } = request;
    this.pressure.admit(kind);
    const { submitWithinMs } = this.settings;
    const now = this.clock.now();
    const name = terminalNameIn(body);
    const terminal =
      name === undefined ? undefined : await this.terminals.loadByName(merchantId, name);
    const read = readCreatePayment(body, {
      terminal,
      now,
      keys: this.keys,
      otherFaults: request.faults,
      refusesClearCards,
    });
    const baseUrl = baseUrlOf(this.addresses);
    const context = { merchantId, callerIp, webhook, idempotencyKey, now, submitWithinMs, baseUrl };
    const payment = newPayment(read, context);
    await this.#shed(payment, kind);
    const sealedCard = await this.#seal(read, payment.id);
    const terminalName = read.terminal.name;
    crashPoint('intake.before-commit');
    const isNew = await this.payments.accept({ payment, terminalName, sealedCard }, isBulk);
    crashPoint('intake.after-commit');
    if (isNew) {
      return { payment, terminalName, isReplayed: false };
    }
    return { payment: await this.#stored(payment), terminalName, isReplayed: true };
  }

  /** A repeat of a stored payment adds nothing to a backlog. It is answered like a read. */
  async #shed({ merchantId, reference, terminalId }: Payment, kind: PaymentKind): Promise<void> {
    if (!this.pressure.isBacklogged(kind, terminalId)) return;
    if (await this.payments.loadByReference(merchantId, reference)) return;
    throw this.pressure.backlogged(kind, terminalId);
  }

  async #seal({ request }: ReadRequest, paymentId: string): Promise<string | null> {
    const context = { paymentId, keys: this.keys, session: this.session };
    if (request.card) return sealCard(cardOf(request.card), context);
    return request.card_jwe === undefined ? null : sealCardJwe(request.card_jwe, context);
  }

  async #stored(repeated: Payment): Promise<Payment> {
    const { merchantId, reference, idempotencyKey } = repeated;
    if (idempotencyKey !== null) {
      const made = await this.payments.loadByIdempotencyKey(merchantId, idempotencyKey);
      if (made) return sameRequest(made, repeated);
    }
    const stored = await this.payments.loadByReference(merchantId, reference);
    if (!stored) throw usedBefore(await this.payments.usedByDeleted(repeated));
    const fields = differingFields(stored, repeated);
    if (fields.length === 0) return stored;
    const detail =
      'This reference was used for a payment with different content; see errors. ' +
      'To try again, with another card for example, send a new reference and the same order_id.';
    throw new Conflict('reference_conflict', detail, { errors: fields.map(differs) });
  }
}

/** The fault of a request whose reference or key belonged to a payment that was deleted. */
function usedBefore(used: 'reference' | 'idempotencyKey' | undefined): Error {
  switch (used) {
    case 'reference':
      return new Conflict(
        'reference_conflict',
        'This reference was used for a payment that has been deleted since because of its age; its content is no longer stored. Send a new reference for a new payment.',
      );
    case 'idempotencyKey':
      return new InvalidRequest(
        'idempotency_key_reused',
        'This Idempotency-Key was used for a payment that has been deleted since because of its age. Send a new key with a new request.',
      );
    case undefined:
      return new InvariantViolation(
        'reference_vanished',
        'the row of a taken reference is missing',
      );
  }
}

/**
 * Returns the payment that the idempotency key made, if `repeated` is the request that made it
 * (draft-ietf-httpapi-idempotency-key-header §2.6: otherwise 422).
 */
function sameRequest(made: Payment, repeated: Payment): Payment {
  const fields = differingFields(made, repeated);
  if (made.reference !== repeated.reference) fields.unshift('reference');
  if (fields.length === 0) return made;
  const detail =
    'This Idempotency-Key was used for a request with different content; see errors. Send a new key with a new request.';
  throw new InvalidRequest('idempotency_key_reused', detail, { errors: fields.map(differs) });
}

function differs(path: string) {
  return { path, code: 'differs', message: 'Differs from the first request.' };
}

/** The parts of a new payment that the request does not contain. */
export interface AcceptanceContext {
  readonly merchantId: string;
  /**
   * Used when the request does not name the payer's address. Canonical; `undefined` when unknown.
   */
  readonly callerIp: string | undefined;
  readonly idempotencyKey: string | null;
  readonly webhook?: Webhook | undefined;
  readonly now: Date;
  readonly submitWithinMs: number;
  /** The base URL of return pages. */
  readonly baseUrl: string;
}

/**
 * The relay passes the payment to a worker within milliseconds. If Redis loses that message, the
 * sweeper finds the payment due after this time. A shorter time would add jobs for payments that
 * merely wait in a long queue.
 */
const SWEEP_AFTER_MS = 30_000;

/** Returns a payment in its first state: `queued`, version 1. */
export function newPayment(
  { request, terminal }: ReadRequest,
  context: AcceptanceContext,
): Payment {
  const { now, merchantId, submitWithinMs, webhook } = context;
  const traceparent = currentTraceparent();
  const money = readAmount(request.amount, request.currency);
  if (typeof money === 'string') throw new InvariantViolation('unchecked_amount', money);
  return {
    // Lists select by the time in the id: it is that of `createdAt`.
    id: newId('pi', now),
    merchantId,
    terminalId: terminal.id,
    mode: terminal.mode,
    lane: terminal.lane,
    reference: request.reference,
    orderId: request.order_id ?? null,
    idempotencyKey: context.idempotencyKey,
    amountMinor: money.minor,
    currency: money.currency,
    method: request.method,
    productName: request.product_name,
    returnUrl: request.return_url,
    returnPage: request.return_page === true ? context.baseUrl : null,
    sourceUrl: request.source_url ?? null,
    customer: customerOf(request.customer, context.callerIp),
    metadata: request.metadata ?? {},
    card: request.card?.number.summary ?? null,
    ...(webhook && { webhook }),
    ...(traceparent !== null && { traceparent }),
    ...INITIAL,
    submitBefore: new Date(now.getTime() + submitWithinMs),
    nextStepAt: new Date(now.getTime() + SWEEP_AFTER_MS),
    createdAt: now,
    updatedAt: now,
  };
}

const INITIAL = {
  status: 'queued',
  version: 1,
  attempt: 0,
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
