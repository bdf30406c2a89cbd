// Protects a value from reaching a log, a response or an error text by accident. The usual ways of
// printing it show `***`. Only an explicit `reveal()` returns the value, which makes every use easy
// to find.
import { inspect } from 'node:util';

const MASK = '***';

/** Wraps a value. `String()`, template literals, `JSON.stringify` and `console.log` print `***`. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /**
   * Returns the wrapped value. Pass it straight to its consumer; never store it in a field or a
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
