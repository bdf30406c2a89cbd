// Sealing with Quittance's very own code, so that a card costs both contestants the same and the figures show what the rest costs.
// From dist, where Quittance's processes have it from; by a path made here, for there is none before the bench has built it.
const { CardSecret, openCard, parseKeySet, sealCard } = await import(
  new URL('../../dist/libs/vault/src/index.js', import.meta.url).href
);

/** The api's halves seal, the worker's open. */
const keys = parseKeySet(process.env.KEY_SET);

/** Seals the card of a create request for one payment. @returns {Promise<string>} a compact JWE */
export function seal({ number, cvv, exp_month: expMonth, exp_year: expYear }, paymentId) {
  const card = { number: new CardSecret(number), cvv: new CardSecret(cvv), expMonth, expYear };
  return sealCard(card, { paymentId, keys });
}

/** Opens what {@link seal} made for this payment. */
export function open(sealedCard, paymentId) {
  return openCard(sealedCard, { paymentId, keys });
}
