// The scheme of a card number, from the ranges the schemes publish. Shown to people; nothing is decided by it.
import { findTestCard } from '@quittance/gateway-protocol';

/** Schemes we can name. */
export const cardBrands = [
  'visa',
  'mastercard',
  'amex',
  'diners',
  'jcb',
  'discover',
  'rupay',
  'maestro',
  'unionpay',
  'unknown',
] as const;
export type CardBrand = (typeof cardBrands)[number];

/** First digits, both ends included and equally long. Ranges that lie within another's come first. */
const RANGES: ReadonlyArray<readonly [brand: CardBrand, from: string, to: string]> = [
  ['amex', '34', '34'],
  ['amex', '37', '37'],
  ['diners', '300', '305'],
  ['diners', '3095', '3095'],
  ['diners', '36', '36'],
  ['diners', '38', '39'],
  ['jcb', '3528', '3589'],
  ['visa', '4', '4'],
  ['mastercard', '51', '55'],
  ['mastercard', '2221', '2720'],
  ['discover', '6011', '6011'],
  ['discover', '644', '649'],
  ['rupay', '6521', '6522'],
  ['discover', '65', '65'],
  ['rupay', '508', '508'],
  ['rupay', '60', '60'],
  ['unionpay', '62', '62'],
  ['unionpay', '8100', '8171'],
  ['rupay', '8172', '8299'],
  ['maestro', '50', '50'],
  ['maestro', '56', '58'],
  ['maestro', '63', '63'],
  ['maestro', '67', '67'],
];

/** The brand of a number (digits only); the gateway's test cards have the one the gateway says they have. */
export function cardBrand(number: string): CardBrand {
  const testCard = findTestCard(number);
  if (testCard) return testCard.network;
  const match = RANGES.find(([, from, to]) => {
    const prefix = number.slice(0, from.length);
    return from <= prefix && prefix <= to;
  });
  return match?.[0] ?? 'unknown';
}
