// Validates a refund request against its payment.
import { formatAmount, type Payment, statusToWire } from '@quittance/payments';
import { Conflict, type FaultEntry, InvalidRequest } from '@quittance/platform';
import { checkAgainst } from '@quittance/server';
import { AMOUNT_MESSAGES, type AmountFault, readAmount } from '../intake/payment-rules.js';
import { holdsSecurityCode, looksLikeCard, readings } from '@quittance/cards';
import { createRefundSchema } from './create-refund.schema.js';

/** A valid refund request. */
export interface ReadRefund {
  readonly reference: string;
  /** In the payment's currency; the whole payment when the request named no amount. */
  readonly amountMinor: bigint;
  readonly reason: string | null;
}

/** Parses a body. Throws `validation_failed` with every fault. */
export function readCreateRefund(body: unknown, payment: Payment): ReadRefund {
  const checked = checkAgainst(createRefundSchema, body);
  if (!checked.isValid) throw InvalidRequest.validationFailed(checked.faults);
  const { reference, amount, reason = null } = checked.data;
  const strays = strayCardFaults({ reference, reason: reason ?? '' }, payment);
  if (strays.length > 0) throw InvalidRequest.validationFailed(strays);
  // The gateway accepts one refund of a payment, so the remainder is the whole payment or nothing.
  if (amount === undefined) return { reference, amountMinor: payment.amountMinor, reason };
  const money = readAmount(amount, payment.currency);
  if (typeof money === 'string') throw amountFault(money, AMOUNT_MESSAGES[money]);
  return { reference, amountMinor: money.minor, reason };
}

/**
 * Throws unless the payment can be refunded by the amount: 422 for the amount, 409 for the
 * payment's status.
 */
export function assertRefundable(payment: Payment, { amountMinor }: ReadRefund): void {
  const { amountMinor: paid, currency, status } = payment;
  if (amountMinor > paid) {
    const message = `Must not exceed the remainder of the payment, ${formatAmount({ minor: paid, currency })}.`;
    throw amountFault('exceeds_payment', message);
  }
  if (payment.refundReservedMinor > 0n) {
    const detail =
      'The payment already has a refund, and the gateway accepts only one per payment, whole or in part.';
    throw new Conflict('refund_exists', detail);
  }
  if (status !== 'succeeded') {
    const detail = `Only a payment that succeeded can be refunded; this one is ${statusToWire(status)}.`;
    throw new Conflict('state_conflict', detail);
  }
  if (payment.transId === null) {
    const detail = 'The gateway’s id of this payment is unknown, so a refund cannot be requested.';
    throw new Conflict('state_conflict', detail);
  }
}

/**
 * Finds a card number where it would be stored in clear (PCI DSS 3.3). The whole number is no
 * longer known, but its ends are: 13 to 19 digits (ISO/IEC 7812-1) that begin and end like the
 * payment's card count as its number.
 */
function strayCardFaults(
  texts: Readonly<Record<'reference' | 'reason', string>>,
  { card }: Payment,
): readonly FaultEntry[] {
  const number = card && new RegExp(`${card.first6}\\d{3,9}${card.last4}`);
  const holdsNumber = (text: string) =>
    looksLikeCard(text) ||
    readings(text).some((reading) => number?.test(reading.replaceAll(/\D/g, '')) === true);
  return Object.entries(texts).flatMap(([path, text]) => [
    ...(holdsNumber(text) ? [{ path, ...CARD_NUMBER }] : []),
    ...(holdsSecurityCode(text) ? [{ path, ...SECURITY_CODE }] : []),
  ]);
}

const CARD_NUMBER = {
  code: 'card_number',
  message: 'Holds a card number, which may not be stored.',
};
const SECURITY_CODE = {
  code: 'card_security_code',
  message: 'Holds a card’s security code, which may not be stored.',
};

function amountFault(code: AmountFault | 'exceeds_payment', message: string): InvalidRequest {
  return InvalidRequest.validationFailed([{ path: 'amount', code, message }]);
}
