// Looks in all output for what no caller and no log may have: card data, keys, and places in our
// code.
import { passesLuhn } from '@quittance/cards';
import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { needlesFor, needlesForCard, searchFor } from '../../leaks/search.js';
import type { ChaosStack } from '../../chaos/stack/chaos-stack.js';

/** A frame of a stack, as V8 writes it, and paths into packages. */
const TRACE = /\bat [^\n"]{0,120}(?:\/|node:)[^\s"]{0,160}:\d+:\d+|node_modules\//;

export type RunCard = { readonly name: string; readonly number: string; readonly cvv: string };

export class Secrets {
  readonly #leaks: (place: { name: string; bytes: Buffer }) => string[];

  /** @param keys by what they are */
  constructor(cards: readonly RunCard[], keys: Readonly<Record<string, string>>) {
    this.#leaks = searchFor([
      ...cards.flatMap(needlesForCard),
      ...Object.entries(keys).flatMap(([what, key]) => needlesFor(what, key)),
    ]);
  }

  /** The secrets in a text, as sentences; `name` names the text. */
  problemsIn(name: string, text: string): string[] {
    const frame = TRACE.exec(text)?.[0];
    return [
      ...this.#leaks({ name, bytes: Buffer.from(text) }),
      ...(frame === undefined ? [] : [`a stack trace (${frame.slice(0, 80)}): ${name}`]),
    ];
  }
}

/** The card of a run: a Visa number with a right check digit that is no test card. */
export function cardOfRun(seed: number): RunCard {
  const drawn = fc.tuple(
    fc.integer({ min: 10 ** 12, max: 10 ** 13 - 1 }),
    fc.integer({ min: 100, max: 999 }),
  );
  const once = { seed: seed | 0, numRuns: 1, unbiased: true };
  const [[account, cvv] = [0, 0]] = fc.sample(drawn, once);
  const numbers = Array.from('0123456789', (last) => `45${account}${last}`);
  const number = numbers.find(passesLuhn) ?? '';
  return { name: 'the card of the run', number, cvv: String(cvv) };
}

/**
 * Every secret of a running system: callers' keys, terminals' private keys, private halves of key
 * sets.
 */
export function keysOf(
  { setup, terminals }: ChaosStack,
  callersKeys: Readonly<Record<string, string>>,
): Record<string, string> {
  const known = Object.entries(callersKeys).filter(([name, key]) => key !== '' && name !== 'junk');
  const files = readdirSync(setup.keyFolder).filter((name) => name.endsWith('.json'));
  const halves = files.flatMap((name) => {
    const text = readFileSync(join(setup.keyFolder, name), 'utf8');
    const keys = [...text.matchAll(/"(?:d|k)":\s*"([^"]+)"/g)];
    return keys.map(([, key = ''], at) => [`private half ${at} of ${name}`, key]);
  });
  return Object.fromEntries([
    ...known.map(([name, key]) => [`API key ${name}`, key]),
    ...terminals.map(({ name, privateKey }) => [`private key of terminal ${name}`, privateKey]),
    ...halves,
  ]) as Record<string, string>;
}
