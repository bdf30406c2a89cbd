// Formats rows: the map of the status replies and webhooks, and the ledger's own view.
import type { Behaviour } from '../generation/generation.js';
import { encodedAuthData } from './auth-data.js';
import { awaitsPayer, storedAuthUrl } from './auth-url.js';
import { javaDoubleText } from '@quittance/gateway-protocol';
import { serverTimeText } from '../wire/server-time.js';
import { lookUpText, serviceText } from './status-texts.js';
import type { Transaction } from './transaction.js';

/** The fields of status replies and webhooks: every value is text or null (protocol §6.3). */
export type StatusMap = Record<string, string | null>;

/**
 * Returns the card as create replies show it (protocol §3.1), or as the shorter form of webhooks
 * (§6.3).
 */
export function maskedCard(
  card: NonNullable<Transaction['card']>,
  mask: Behaviour['cardMask'] | Behaviour['webhookCardMask'],
): string {
  switch (mask) {
    case 'sixAndFour':
      return `${card.first6}${'X'.repeat(Math.max(card.length - 10, 0))}${card.last4}`;
    case 'fourAndFour':
      return `${card.first6.slice(0, 4)}****${card.last4}`;
    case 'lastFour':
      return card.last4;
  }
}

/**
 * Returns the `mop` that a generation shows: the older server overwrites it with the card's brand
 * (§1.2).
 */
export function shownMop(transaction: Transaction, behaviour: Behaviour): string | null {
  return behaviour.mop === 'brand' && transaction.brand !== null
    ? transaction.brand
    : transaction.mop;
}

/**
 * Returns the fields that all status replies and webhooks share (§5.1, §6.3), with the given code
 * instead of the stored one.
 */
export function statusMap(
  transaction: Transaction,
  behaviour: Behaviour,
  shown: { orderStatus: number; text: string },
): StatusMap {
  const { card } = transaction;
  return {
    transID: transaction.transId,
    order_status: String(shown.orderStatus),
    status: shown.text,
    bill_amt: javaDoubleText(transaction.amount),
    tdate: serverTimeText(transaction.createdAt, behaviour.timeFraction),
    bill_currency: transaction.currency,
    response: transaction.response,
    reference: transaction.reference,
    mop: shownMop(transaction, behaviour),
    descriptor: null,
    upa: null,
    rrn: null,
    ...(card && { ccno: maskedCard(card, behaviour.webhookCardMask) }),
  };
}

/**
 * Returns the reply of the read-only look-up: the stored row, with the payer's URL while the code
 * is 0 or 27 (§5.1).
 */
export function lookUpMap(transaction: Transaction, behaviour: Behaviour): StatusMap {
  const { orderStatus } = transaction;
  return {
    ...statusMap(transaction, behaviour, {
      orderStatus,
      text: lookUpText(orderStatus, behaviour.hasRules),
    }),
    ...(behaviour.hasWideReadModel && wideReadModel(transaction)),
    ...(awaitsPayer(transaction) && payerFields(transaction, behaviour)),
  };
}

/** Returns the row after an update, with the acquirer's code instead of the stored one (§5.2). */
export function updatedMap(
  transaction: Transaction,
  behaviour: Behaviour,
  orderStatus: number,
): StatusMap {
  return {
    ...statusMap(transaction, behaviour, {
      orderStatus,
      text: serviceText(orderStatus, behaviour.hasRules),
    }),
    ...(orderStatus === 0 && payerFields(transaction, behaviour)),
  };
}

function payerFields(transaction: Transaction, behaviour: Behaviour): StatusMap {
  return {
    authurl: storedAuthUrl(transaction, behaviour),
    authdata: encodedAuthData(transaction, behaviour),
  };
}

/**
 * Returns the columns of the newer read model. The sandbox knows no issuers, so the card's origin
 * is null.
 */
function wideReadModel(transaction: Transaction): StatusMap {
  const isCheckout = transaction.integrationType.startsWith('checkout-s2s');
  return {
    terno: transaction.terminalNumber,
    integration_type: transaction.integrationType,
    issuing_bank: null,
    issuing_country: null,
    card_type: null,
    card_brand: transaction.brand,
    card_tier: null,
    billing_phone: transaction.payer.phone,
    product_name: transaction.productName,
    ...(isCheckout && {
      full_name: transaction.payer.fullName,
      bill_email: transaction.payer.email,
    }),
  };
}
