// What is said on a terminal may repeat what was typed there, and lands in scrollback and in the logs of jobs.

/** Digits that could be a card's, alone or in groups (PCI DSS 3.4). */
const CARD_DIGITS = /\p{Nd}(?:[\s.\-_/·,|]{0,3}\p{Nd}){11,}/gu;

/** A text with digits that could be a card's left out. */
export function withoutCards(text: string): string {
  return text.replaceAll(CARD_DIGITS, '[digits]');
}
