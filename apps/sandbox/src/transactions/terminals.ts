// Stores the sandbox's terminals by public key, beginning with the one of the reference pages.
import type { Journal } from './journal.js';
import { PUBLISHED_TERMINAL } from './published-terminal.js';
import type { Terminal } from './terminal.js';

export class Terminals {
  readonly #byPublicKey = new Map<string, Terminal>();

  constructor(private readonly journal: Journal | undefined) {
    this.clear();
  }

  /** Adds a terminal, or replaces the one with the same public key. */
  register(terminal: Terminal): void {
    this.restore(terminal);
    this.journal?.writeTerminal(terminal);
  }

  /** Restores a terminal from the journal. */
  restore(terminal: Terminal): void {
    this.#byPublicKey.set(terminal.publicKey, terminal);
  }

  /** Finds a terminal by an exact match: a `+` that became a space matches nothing (§2.4). */
  find(publicKey: string): Terminal | undefined {
    return this.#byPublicKey.get(publicKey);
  }

  all(): readonly Terminal[] {
    return [...this.#byPublicKey.values()];
  }

  /** Resets to the one terminal that the sandbox starts with. */
  clear(): void {
    this.#byPublicKey.clear();
    this.restore(PUBLISHED_TERMINAL);
  }
}
