// Decides whether a repeated reference asks for the same payment. Fields that describe only the
// moment (the payer's address, notes) do not count. Numbers are compared as numbers, and a card by
// the digits that may be stored. No digits of a sealed card may be stored, and two seals of one
// card differ, so any sealed card counts as equal to the first one, which is the only one that is
// ever sent. A card and a sealed card differ.
import type { Payment } from '@quittance/payments';

type Compared = ReadonlyArray<readonly [path: string, value: (payment: Payment) => unknown]>;

/** Paths in the request, and the values to compare. Values are never shown. */
const LASTING: Compared = [
  ['order_id', ({ orderId }) => orderId],
  ['terminal', ({ terminalId }) => terminalId],
  ['amount', ({ amountMinor }) => amountMinor],
  ['currency', ({ currency }) => currency],
  ['method', ({ method }) => method],
];

/** The same for what is erased with the personal data of an old payment. */
const ERASED: Compared = [
  ['product_name', ({ productName }) => productName],
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
  ['return_page', ({ returnPage }) => returnPage !== null],
  ['source_url', ({ sourceUrl }) => sourceUrl],
];

/**
 * Returns the paths of the fields in which `repeated` differs from `stored`; an empty list for the
 * same request. What was erased from `stored` counts as equal.
 */
export function differingFields(stored: Payment, repeated: Payment): string[] {
  const compared = stored.personalDataErasedAt ? LASTING : [...LASTING, ...ERASED];
  const paths = compared.flatMap(([path, value]) =>
    value(stored) === value(repeated) ? [] : [path],
  );
  // A request in another form names no webhook; the first request decides.
  if (stored.webhook && repeated.webhook && stored.webhook.url !== repeated.webhook.url)
    paths.push('webhook_url');
  // If only one of the two has a card in clear, there is no number to compare.
  return paths.includes('card') ? paths.filter((path) => path !== 'card.number') : paths;
}
