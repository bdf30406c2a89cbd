// The single failure of opening.

/**
 * Something sealed cannot be opened. Why is not told, on purpose: to tell a wrong key from a wrong
 * tag, or a wrong owner from a wrong format, would help whoever tampers with it and nobody else.
 */
export class VaultError extends Error {
  override readonly name = 'VaultError';

  constructor() {
    super('sealed data cannot be opened');
  }
}
