// The gateway's AES-256-CBC (protocol §2.1) with `node:crypto`.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

/** The key pair of a terminal, both as text. */
export interface TerminalKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Encrypts and decrypts texts of one terminal. */
export class TerminalCipher {
  readonly #key = Buffer.alloc(32);
  readonly #iv: Buffer;

  constructor({ publicKey, privateKey }: TerminalKeys) {
    Buffer.from(privateKey).copy(this.#key);
    this.#iv = createHash('sha256').update(publicKey).digest().subarray(0, 16);
  }

  /** Encrypts to url-safe base64 without padding. */
  encrypt(text: string): string {
    const cipher = createCipheriv('aes-256-cbc', this.#key, this.#iv);
    return cipher.update(text, 'utf8', 'base64url') + cipher.final('base64url');
  }

  /** Decrypts. Throws the error of OpenSSL for a text that does not decrypt. */
  decrypt(text: string): string {
    const decipher = createDecipheriv('aes-256-cbc', this.#key, this.#iv);
    return decipher.update(text, 'base64url', 'utf8') + decipher.final('utf8');
  }
}
