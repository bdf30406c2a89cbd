// A value that must not reach a log, an answer or an error text by accident. Printing it in any of
// the usual ways shows `***`; only an explicit `reveal()` shows the value, which makes every use
// easy to find.
import { inspect } from 'node:util';

const MASK = '***';

/**
 * Wraps a value so that `String()`, template literals, `JSON.stringify` and `console.log` print
 * `***`.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /**
   * The wrapped value. Hand it straight to what needs it; never store the result in a field or a
   * message.
   */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
