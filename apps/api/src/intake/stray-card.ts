// The card's number in a field that is stored in clear: a caller's mistake that would put it into rows, events and answers for ever
// (PCI DSS 3.3). Only the very number of the request's own card is looked for; what merely looks like one may be an order number.
import type { FaultEntry } from '@quittance/platform';

/** Separators people put between the groups of a number. */
const SEPARATORS = /[\s\-._/]/g;
/** A shorter text is no card number, and is refused as such. */
const NUMBER_LENGTH_MIN = 12;

/** Faults of a create request whose card's number stands outside `card`; paths name fields of the contract, never a caller's own key. */
export function strayCardFaults(body: unknown): readonly FaultEntry[] {
  if (!isRecord(body) || !isRecord(body['card'])) return [];
  const { card, ...others } = body;
  const number = digitsOf(card['number']);
  if (number.length < NUMBER_LENGTH_MIN) return [];
  return Object.entries(others)
    .filter(([name, value]) => holds(name, number) || holds(value, number))
    .map(([name]) => ({ path: shown(name, number), code: 'card_number', message: MESSAGE }));
}

const MESSAGE = 'Holds the number of the card, which may stand in `card` alone.';

/** A key that is itself the number must not be echoed. */
const shown = (name: string, number: string) => (holds(name, number) ? '…' : name);

function holds(value: unknown, number: string): boolean {
  if (isRecord(value) || Array.isArray(value))
    return Object.entries(value).some(([key, inner]) => holds(key, number) || holds(inner, number));
  return digitsOf(value).includes(number);
}

function digitsOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? String(value).normalize('NFKC').replaceAll(SEPARATORS, '')
    : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
