// The card's number in a field that is stored in clear: a caller's mistake that would put it into rows, events and answers for ever
// (PCI DSS 3.3). Only the very number of the request's own card is looked for; what merely looks like one may be an order number.
import type { FaultEntry } from '@quittance/platform';

/** Separators people put between the groups of a number. */
const SEPARATORS = /[\s\-._/]/g;
/** A shorter text is no card number, and is refused as such. */
const NUMBER_LENGTH_MIN = 12;

/** Faults of a create request whose card's number stands outside `card`; paths name fields of the contract, never a caller's own key. */
export function strayCardFaults(body: unknown): readonly FaultEntry[] {
  const number = cardNumberOf(body);
  if (number === undefined) return [];
  const { card: _, ...others } = body as Record<string, unknown>;
  // Nearly every request is without fault, which a look at all its texts together tells.
  if (!holds(others, number)) return [];
  return Object.entries(others)
    .filter((field) => holds(field, number))
    .map(([name]) => ({ path: shown(name, number), code: 'card_number', message: MESSAGE }));
}

/** Whether a value out of a create request holds the number of the request's card. */
export function holdsCardOf(body: unknown, value: unknown): boolean {
  const number = cardNumberOf(body);
  return number !== undefined && holds(value, number);
}

const MESSAGE = 'Holds the number of the card, which may stand in `card` alone.';

/** A key that is itself the number must not be echoed. */
const shown = (name: string, number: string) => (holds(name, number) ? '…' : name);

/** The digits of the request's card, if it has one and they are enough to be looked for. */
function cardNumberOf(body: unknown): string | undefined {
  const card = isRecord(body) ? body['card'] : undefined;
  const given = isRecord(card) ? card['number'] : undefined;
  if (typeof given !== 'string' && typeof given !== 'number') return undefined;
  const number = digitsOf([String(given)]);
  return number.length < NUMBER_LENGTH_MIN ? undefined : number;
}

function holds(value: unknown, number: string): boolean {
  return digitsOf(textsIn(value, [])).includes(number);
}

/** Every text and number of a value, the keys of its objects among them, added to `found`. */
function textsIn(value: unknown, found: string[]): string[] {
  if (typeof value === 'string' || typeof value === 'number') found.push(String(value));
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      found.push(key);
      textsIn(inner, found);
    }
  }
  return found;
}

/** The texts without what people put between digits; what ends one and begins the next is not run together. */
function digitsOf(texts: readonly string[]): string {
  return texts.join('|').normalize('NFKC').replaceAll(SEPARATORS, '');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
