// The lines in flight of one call, in the order of the body. It bounds them in number and bytes, so
// that a call of any length takes the same memory, and returns outcomes in order.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** The most lines and bytes in flight. */
export interface QueueLimits {
  readonly lines: number;
  readonly bytes: number;
}

interface Entry<T> {
  readonly outcome: Promise<T>;
  readonly bytes: number;
  /** Set once the outcome is known. */
  settled?: { readonly value: T };
}

export class OutcomeQueue<T> {
  readonly #limits: QueueLimits;
  #entries: Entry<T>[] = [];
  #bytes = 0;
  #hasEnded = false;
  #wake: () => void = () => undefined;
  #makeRoom: () => void = () => undefined;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Resolves once a line of `bytes` fits. An empty queue takes a line of any length. */
  async room(bytes: number): Promise<void> {
    const { lines, bytes: bytesMax } = this.#limits;
    const isFull = () =>
      this.#entries.length > 0 && (this.#entries.length >= lines || this.#bytes + bytes > bytesMax);
    while (isFull()) await new Promise<void>((resolve) => (this.#makeRoom = resolve));
  }

  /** Adds the next line. `outcome` must not reject. */
  add(outcome: Promise<T>, bytes: number): void {
    const entry: Entry<T> = { outcome, bytes };
    void outcome.then((value) => (entry.settled = { value }));
    this.#entries.push(entry);
    this.#bytes += bytes;
    this.#wake();
  }

  /** No further line will be added. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /**
   * Resolves with the next outcomes, as many as are known, once there is one; `undefined` at the
   * end.
   */
  async next(): Promise<readonly T[] | undefined> {
    while (this.#entries.length === 0) {
      if (this.#hasEnded) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    await this.#entries[0]?.outcome;
    // Those of the same statement become known in the same turn.
    await nextTurn();
    const outcomes: T[] = [];
    for (const { settled, bytes } of this.#entries) {
      if (!settled) break;
      outcomes.push(settled.value);
      this.#bytes -= bytes;
    }
    this.#entries.splice(0, outcomes.length);
    this.#makeRoom();
    return outcomes;
  }
}
