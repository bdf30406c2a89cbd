// A card number or a CVV in memory. It prints `***` wherever anything prints itself, and gives its
// text up at one method only, whose name exists nowhere else: the linter knows the two files that
// may call it (PCI DSS 4.0.1, 3.3 and 3.4.1).

const MASK = '***';

/**
 * Text of a card that must not reach a log, an answer or an error. Not the platform's `Secret`:
 * that one is revealed wherever a connection is opened, this one only where a card is sealed and
 * where the gateway's request is built.
 */
export class CardSecret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * The text. Hand it straight to what needs it; the house rule `no-card-in-clear` says who may.
   */
  cardInClear(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  /**
   * What `console.log`, `util.inspect` and `util.format` print: `util.inspect.custom` under its
   * public name.
   */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}
