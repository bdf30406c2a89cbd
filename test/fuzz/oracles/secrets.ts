// Looks in all output for what no caller and no log may have: card data, keys, and places in our
// code.
import type { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import { privateHalves, type CanaryCard } from '../../leaks/canaries.js';
import { needlesFor, needlesForCard, searchFor } from '../../leaks/search.js';

/** A frame of a stack, as V8 writes it, and paths into packages. */
const TRACE = /\bat [^\n"]{0,120}(?:\/|node:)[^\s"]{0,160}:\d+:\d+|node_modules\//;

export class Secrets {
  readonly #leaks: ReturnType<typeof searchFor>;

  /** @param keys by what they are */
  constructor(card: CanaryCard, keys: Readonly<Record<string, string>>) {
    const ofKeys = Object.entries(keys).flatMap(([what, key]) => needlesFor(what, key));
    this.#leaks = searchFor([...needlesForCard(card), ...ofKeys]);
  }

  /** The secrets in a text, as sentences; `name` names it, `shown` may have no stack trace. */
  problemsIn(name: string, text: string, shown = text): string[] {
    const frame = TRACE.exec(shown)?.[0];
    return [
      ...this.#leaks({ name, bytes: Buffer.from(text) }),
      ...(frame === undefined ? [] : [`a stack trace (${frame.slice(0, 80)}): ${name}`]),
    ];
  }
}

/** Callers' keys, terminals' private keys and private halves of key sets, by what they are. */
export function keysOf(
  { setup, terminals }: ChaosStack,
  callersKeys: Readonly<Record<string, string>>,
): Record<string, string> {
  const known = Object.entries(callersKeys).filter(([name, key]) => key !== '' && name !== 'junk');
  return Object.fromEntries([
    ...known.map(([name, key]) => [`API key ${name}`, key]),
    ...terminals.map(({ name, privateKey }) => [`private key of terminal ${name}`, privateKey]),
    ...privateHalves(setup.keyFolder).map((half, at) => [`private half ${at} of a key set`, half]),
  ]) as Record<string, string>;
}
