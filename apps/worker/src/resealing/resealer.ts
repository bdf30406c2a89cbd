// Encrypts stored values again with the active keys, until no value needs a retired key. Works in
// bounded batches, and does nothing while no key is retired.
import { Injectable } from '@nestjs/common';
import { SealedValues, type StoredCard, type StoredTerminalSecret } from '@quittance/persistence';
import { Logger } from '@quittance/platform';
import { KeySet, resealCard, resealSecret } from '@quittance/vault';

/** Cards per batch. The next batch follows a full one at once. */
export const RESEALED_MAX = 200;

@Injectable()
export class Resealer {
  /** The last card of the previous batch; undefined at the start of a round over all cards. */
  #last: StoredCard | undefined;

  constructor(
    private readonly stored: SealedValues,
    private readonly keys: KeySet,
    private readonly log: Logger,
  ) {}

  /**
   * Processes one batch of cards, and the terminals at the start of a round. Resolves with
   * `'again'` when the round goes on.
   */
  async reseal(): Promise<'again' | undefined> {
    if (!this.#last && this.#hasRetiredSecretKey()) await this.#resealTerminals();
    if (this.keys.cards.length < 2) return undefined;
    const cards = await this.stored.cards(this.#last, RESEALED_MAX);
    for (const card of cards) await this.#orLog(card.paymentId, () => this.#resealCard(card));
    this.#last = cards.length === RESEALED_MAX ? cards.at(-1) : undefined;
    return this.#last && 'again';
  }

  #hasRetiredSecretKey(): boolean {
    const { terminalSecrets, dropInSecrets } = this.keys;
    return terminalSecrets.length > 1 || dropInSecrets.length > 1;
  }

  async #resealTerminals(): Promise<void> {
    for (const secret of await this.stored.terminalSecrets())
      await this.#orLog(secret.terminalId, () => this.#resealTerminal(secret));
  }

  async #resealCard(card: StoredCard): Promise<void> {
    const { paymentId, sealed } = card;
    const resealed = await resealCard(sealed, { paymentId, keys: this.keys });
    if (resealed !== sealed) await this.stored.replaceCard(card, resealed);
  }

  async #resealTerminal(secret: StoredTerminalSecret): Promise<void> {
    const { terminalId, use, sealed } = secret;
    const resealed = await resealSecret(sealed, { terminalId, use, keys: this.keys });
    if (resealed !== sealed) await this.stored.replaceTerminalSecret(secret, resealed);
  }

  /** Logs a value that cannot be decrypted, so that the others are still processed. */
  async #orLog(id: string, reseal: () => Promise<void>): Promise<void> {
    try {
      await reseal();
    } catch (error) {
      this.log.warn(
        { err: error, id },
        'a stored value could not be encrypted with the active key',
      );
    }
  }
}
