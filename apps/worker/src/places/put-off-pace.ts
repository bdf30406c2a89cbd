// Spaces the steps that are put off. A merchant's backlog is put off job by job, and each costs a
// fetch, a read and a write: without a pause the worker would do nothing else for minutes, and the
// payments of other merchants would wait for its processor.

/** Two hundred a second, of which a returning backlog uses half. */
const SPACING_MS = 5;
/**
 * Steps let go when a step of a terminal with free places begins: its others may be next in the
 * queue, and need the slots.
 */
const LET_GO = 8;

/** The steps that are put off, in order. Each occupies a slot of its worker until its turn. */
export class PutOffPace {
  readonly #held = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  /** Resolves at once when the last turn is over, otherwise after those that came before. */
  async turn(): Promise<void> {
    if (this.#timer) return new Promise((resolve) => void this.#held.add(resolve));
    this.#timer = setTimeout(() => this.#next(), SPACING_MS);
  }

  /** Lets some steps go before their turn. */
  hurry(): void {
    for (let count = 0; count < LET_GO && this.#letGo(); count += 1);
  }

  #next(): void {
    this.#timer = this.#letGo() ? setTimeout(() => this.#next(), SPACING_MS) : undefined;
  }

  #letGo(): boolean {
    const [first] = this.#held;
    if (!first) return false;
    this.#held.delete(first);
    first();
    return true;
  }
}
