// Looks in everything that is said for what nobody may be told: card data, keys, and where in our code something happened.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { needlesFor, needlesForCard, searchFor } from '../../leaks/search.mjs';

/** A frame of a stack, as V8 writes it, and paths into packages. */
const TRACE = /\bat [^\n"]{0,120}(?:\/|node:)[^\s"]{0,160}:\d+:\d+|node_modules\//;

export class Secrets {
  #leaks;

  /** @param {{ cards: { name: string, number: string, cvv: string }[], keys: Record<string, string> }} secrets `keys` by what they are */
  constructor({ cards, keys }) {
    this.#leaks = searchFor([
      ...cards.flatMap(needlesForCard),
      ...Object.entries(keys).flatMap(([what, key]) => needlesFor(what, key)),
    ]);
  }

  /** What a text gives away, as sentences; `name` is what the text is. */
  problemsIn(name, text) {
    const frame = TRACE.exec(text);
    return [
      ...this.#leaks({ name, bytes: Buffer.from(text) }),
      ...(frame ? [`a stack trace (${frame[0].slice(0, 80)}): ${name}`] : []),
    ];
  }
}

/**
 * The card of a run, a Visa number with a right check digit that is no test card.
 * @param {import('../../chaos/random.ts').Random} random
 * @returns {{ name: string, number: string, cvv: string }}
 */
export function cardOfRun(random) {
  const digits = [4, 5, ...Array.from({ length: 13 }, () => random.below(10))];
  const weighted = digits.map((digit, at) => (at % 2 === 0 ? digit * 2 : digit));
  const sum = weighted.reduce((total, each) => total + (each > 9 ? each - 9 : each), 0);
  const number = `${digits.join('')}${(10 - (sum % 10)) % 10}`;
  return { name: 'the card of the run', number, cvv: String(100 + random.below(900)) };
}

/** Every secret of a running system: callers' keys, terminals' private keys, and the private halves of the key sets. */
export function keysOf({ setup, terminals }, callersKeys) {
  const known = Object.entries(callersKeys).filter(([name, key]) => key && name !== 'junk');
  const files = readdirSync(setup.keyFolder).filter((name) => name.endsWith('.json'));
  const halves = files.flatMap((name) => {
    const text = readFileSync(join(setup.keyFolder, name), 'utf8');
    return [...text.matchAll(/"(?:d|k)":\s*"([^"]+)"/g)].map(([, key], at) => [
      `private half ${at} of ${name}`,
      key,
    ]);
  });
  return Object.fromEntries([
    ...known.map(([name, key]) => [`API key ${name}`, key]),
    ...terminals.map(({ name, privateKey }) => [`private key of terminal ${name}`, privateKey]),
    ...halves,
  ]);
}
