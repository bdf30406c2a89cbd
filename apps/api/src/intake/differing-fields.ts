// Whether a repeated reference asks for the same payment. What only describes the moment (the payer's address, notes)
// does not count, numbers are compared as numbers, and a card by the little that may be kept of it. Nothing is kept of a card that its
// caller sealed, and two seals of one card differ: any sealed card is taken for the one before, which is the only one ever sent.
// A card and a sealed card are not taken for each other.
import type { Payment } from '@quittance/payments';

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

/** The fields in which `repeated` asks for something else than `stored`; none when it is the same request. */
export function differingFields(stored: Payment, repeated: Payment): string[] {
  const paths = COMPARED.flatMap(([path, value]) =>
    value(stored) === value(repeated) ? [] : [path],
  );
  // Where only one of the two has a card in clear sight, there is no number to compare.
  return paths.includes('card') ? paths.filter((path) => path !== 'card.number') : paths;
}
