// What is wrong with a refund request beyond single fields: what it asks of its payment.
import { formatAmount, type Payment, statusToWire } from '@quittance/payments';
import { Conflict, type FaultEntry, checkAgainst, InvalidRequest } from '@quittance/platform';
import { AMOUNT_MESSAGES, type AmountFault, readAmount } from '../intake/payment-rules.js';
import { holdsSecurityCode, looksLikeCard, readings } from '@quittance/cards';
import { createRefundSchema } from './create-refund.schema.js';

/** A refund request without fault. */
export interface ReadRefund {
  readonly reference: string;
  /** In the payment's currency; all of the payment where the request named none. */
  readonly amountMinor: bigint;
  readonly reason: string | null;
}

/** Reads a body. Throws `validation_failed` with every fault. */
export function readCreateRefund(body: unknown, payment: Payment): ReadRefund {
  const checked = checkAgainst(createRefundSchema, body);
  if (!checked.isSound) throw InvalidRequest.validationFailed(checked.faults);
  const { reference, amount, reason = null } = checked.data;
  const strays = strayCardFaults({ reference, reason: reason ?? '' }, payment);
  if (strays.length > 0) throw InvalidRequest.validationFailed(strays);
  // The gateway takes one refund of a payment, so that what is left is the payment, or nothing.
  if (amount === undefined) return { reference, amountMinor: payment.amountMinor, reason };
  const money = readAmount(amount, payment.currency);
  if (typeof money === 'string') throw amountFault(money, AMOUNT_MESSAGES[money]);
  return { reference, amountMinor: money.minor, reason };
}

/**
 * Throws unless the payment can give the amount: 422 for the amount, 409 for where the payment
 * stands.
 */
export function assertRefundable(payment: Payment, { amountMinor }: ReadRefund): void {
  const { amountMinor: paid, currency, status } = payment;
  if (amountMinor > paid) {
    const message = `Must not exceed what is left of the payment, ${formatAmount({ minor: paid, currency })}.`;
    throw amountFault('exceeds_payment', message);
  }
  if (payment.refundReservedMinor > 0n) {
    const detail =
      'The payment has a refund already, and the gateway takes one of a payment, whole or in part.';
    throw new Conflict('refund_exists', detail);
  }
  if (status !== 'succeeded') {
    const detail = `Only a payment that succeeded can be refunded; this one is ${statusToWire(status)}.`;
    throw new Conflict('state_conflict', detail);
  }
  if (payment.transId === null) {
    const detail =
      'The gateway’s id of this payment is not known, so that no refund can be asked for.';
    throw new Conflict('state_conflict', detail);
  }
}

/**
 * A card number where it would be stored in clear (PCI DSS 3.3). The whole number is not known any
 * more, its ends are: 13 to 19 digits (ISO/IEC 7812-1) that begin and end as the payment's card are
 * taken for it.
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
  message: 'Holds a card number, which may not be kept.',
};
const SECURITY_CODE = {
  code: 'card_security_code',
  message: 'Holds a card’s security code, which may not be kept.',
};

function amountFault(code: AmountFault | 'exceeds_payment', message: string): InvalidRequest {
  return InvalidRequest.validationFailed([{ path: 'amount', code, message }]);
}
