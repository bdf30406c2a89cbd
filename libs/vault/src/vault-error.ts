// The only error of decryption.

/**
 * A message that cannot be decrypted. The error does not give the reason: to distinguish a wrong
 * key from an invalid tag, or another owner from an invalid format, would only help an attacker.
 */
export class VaultError extends Error {
  override readonly name = 'VaultError';

  constructor() {
    super('sealed data cannot be opened');
  }
}
