// Holds a card number or a CVV in memory. It prints as `***`, and only one method reveals the text.
// That method's name exists nowhere else: a lint rule lists the two files that may call it (PCI DSS
// 4.0.1, 3.3 and 3.4.1).

const MASK = '***';

/**
 * A card's text that must not reach a log, a response or an error. The platform's `Secret` is
 * revealed wherever a connection is opened; this class is revealed only where a card is encrypted
 * and where the gateway's request is built.
 */
export class CardSecret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * Returns the text. Pass it directly to the function that needs it; the house rule
   * `no-card-in-clear` lists the permitted files.
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
   * Returns the text that `console.log`, `util.inspect` and `util.format` print:
   * `util.inspect.custom` under its public name.
   */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}
