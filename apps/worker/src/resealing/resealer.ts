// Seals what is stored to the keys that are active now, so that a retired key comes to be needed by
// nothing. Bounded batches, and nothing to do while no key is retired.
import { Injectable } from '@nestjs/common';
import { SealedValues, type StoredCard, type StoredTerminalSecret } from '@quittance/persistence';
import { Logger } from '@quittance/platform';
import { KeySet, resealCard, resealSecret } from '@quittance/vault';

/** Cards read at a time; a full batch is followed by the next at once. */
export const RESEALED_MAX = 200;

@Injectable()
export class Resealer {
  /** Where the round over all cards stands; it begins anew after the last one. */
  #last: StoredCard | undefined;

  constructor(
    private readonly stored: SealedValues,
    private readonly keys: KeySet,
    private readonly log: Logger,
  ) {}

  /**
   * One batch of cards, and at the beginning of a round the terminals; `'again'` when the round
   * goes on.
   */
  async reseal(): Promise<'again' | undefined> {
    if (!this.#last && this.keys.terminalSecrets.length > 1) await this.#resealTerminals();
    if (this.keys.cards.length < 2) return undefined;
    const cards = await this.stored.cards(this.#last, RESEALED_MAX);
    for (const card of cards) await this.#orLog(card.paymentId, () => this.#resealCard(card));
    this.#last = cards.length === RESEALED_MAX ? cards.at(-1) : undefined;
    return this.#last && 'again';
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
    const { terminalId, sealed } = secret;
    const resealed = await resealSecret(sealed, { terminalId, keys: this.keys });
    if (resealed !== sealed) await this.stored.replaceTerminalSecret(secret, resealed);
  }

  /** One value that does not open must not keep the others from being sealed anew. */
  async #orLog(id: string, reseal: () => Promise<void>): Promise<void> {
    try {
      await reseal();
    } catch (error) {
      this.log.warn({ err: error, id }, 'a stored value could not be sealed anew');
    }
  }
}
