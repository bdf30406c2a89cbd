// Encrypts many cards with one key agreement (ADR 59). An agreement costs more than all other steps
// of encrypting a card. Its secret can decrypt the cards of the session, so it ends soon, and never
// leaves the memory of the process.
import type { KeyObject } from 'node:crypto';
import { agreeForSession, type EphemeralAgreement } from './key-agreement.js';
import { type ExtraHeader, sealAgreed } from './seal-jwe.js';

/** The cards of a session, at most. */
const CARDS_MAX = 1_000;

/**
 * A session begins with a card, and ends with its last one, with another key, or by {@link end},
 * which its holder calls once a minute. The next card begins the next session.
 */
export class SealingSession {
  #current: (EphemeralAgreement & { readonly recipient: KeyObject; cards: number }) | undefined;

  /**
   * Returns a compact JWE as `sealJwe` does. Its key derives from the secret of the session and
   * `apv` (RFC 7518 §4.6.2), so each `apv` has its own.
   */
  seal(
    plaintext: Uint8Array,
    recipient: KeyObject,
    header: ExtraHeader & { readonly apv: string },
  ): string {
    if (this.#current?.recipient !== recipient) this.end();
    const current = (this.#current ??= { ...agreeForSession(recipient), recipient, cards: 0 });
    current.cards += 1;
    try {
      return sealAgreed(plaintext, current, header);
    } finally {
      if (current.cards === CARDS_MAX) this.end();
    }
  }

  /** Erases the secret. */
  end(): void {
    this.#current?.agreement.end();
    this.#current = undefined;
  }
}

/** Returns the `apv` of an owner (RFC 7518 §4.6.1.3). */
export function partyInfo(owner: string): string {
  return Buffer.from(owner).toString('base64url');
}
