// A card in clear, for comparisons: two CardSecrets look alike whatever they contain.
import type { Card } from '@quittance/vault';

/** All of a card as text. */
export function clearCard({ number, cvv, ...expiry }: Card) {
  return { number: number.cardInClear(), cvv: cvv.cardInClear(), ...expiry };
}
