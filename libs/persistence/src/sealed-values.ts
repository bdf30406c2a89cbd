// Stored encrypted values, for re-encryption with a new key. A value is replaced only if it is
// still the one that was read, so that a card erased meanwhile stays erased. SQL: the order of two
// columns at once, in the worker.
import type { SecretUse } from '@quittance/vault';
import type { Pool } from 'pg';
import { WITH_QUEUED_LANES } from './queued-lanes.js';

/** A stored card, and its position in the order in which stored cards are read. */
export interface StoredCard {
  readonly paymentId: string;
  readonly submitBefore: Date;
  readonly sealed: string;
}

/** A terminal's stored private key, for one use. */
export interface StoredTerminalSecret {
  readonly terminalId: string;
  readonly use: SecretUse;
  readonly sealed: string;
}

const SECRETS = `
SELECT id AS "terminalId", 'terminalSecrets' AS use, sealed_private_key AS sealed FROM terminals
UNION ALL
SELECT terminal_id, 'dropInSecrets', sealed_private_key FROM drop_ins WHERE sealed_private_key IS NOT NULL
ORDER BY 1, 2`;

const REPLACE_SECRET: Readonly<Record<SecretUse, string>> = {
  terminalSecrets:
    'UPDATE terminals SET sealed_private_key = $3 WHERE id = $1 AND sealed_private_key = $2',
  dropInSecrets:
    'UPDATE drop_ins SET sealed_private_key = $3 WHERE terminal_id = $1 AND sealed_private_key = $2',
};

/** In the order of columns that never change, so that a change of lane meanwhile hides no card. */
const CARDS = {
  name: 'stored_cards',
  text: `${WITH_QUEUED_LANES}
SELECT id AS "paymentId", submit_before AS "submitBefore", sealed FROM lanes CROSS JOIN LATERAL (
  SELECT id, submit_before, sealed_card AS sealed FROM payment_intents p
  WHERE p.status = 'queued' AND p.lane = lanes.lane AND p.sealed_card IS NOT NULL
    AND (p.submit_before, p.id) > ($1, $2)
  ORDER BY p.submit_before, p.id LIMIT $3) stored
ORDER BY submit_before, id LIMIT $3`,
};

export class SealedValues {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Returns up to `limit` stored cards after `after`, the oldest deadline first. */
  async cards(after: StoredCard | undefined, limit: number): Promise<StoredCard[]> {
    const values = [after?.submitBefore ?? '-infinity', after?.paymentId ?? '', limit];
    return (await this.#pool.query<StoredCard>({ ...CARDS, values })).rows;
  }

  /**
   * Resolves with false if the card is no longer the one that was read: it was erased, or another
   * process re-encrypted it.
   */
  async replaceCard({ paymentId, sealed }: StoredCard, resealed: string): Promise<boolean> {
    return this.#replace(
      'UPDATE payment_intents SET sealed_card = $3 WHERE id = $1 AND sealed_card = $2',
      [paymentId, sealed, resealed],
    );
  }

  /** Returns the private keys of all terminals, and their copies for the api. */
  async terminalSecrets(): Promise<StoredTerminalSecret[]> {
    return (await this.#pool.query<StoredTerminalSecret>(SECRETS)).rows;
  }

  /** Resolves with false if the secret is no longer the one that was read. */
  async replaceTerminalSecret(
    { terminalId, use, sealed }: StoredTerminalSecret,
    resealed: string,
  ): Promise<boolean> {
    return this.#replace(REPLACE_SECRET[use], [terminalId, sealed, resealed]);
  }

  async #replace(text: string, values: readonly string[]): Promise<boolean> {
    return (await this.#pool.query({ text, values: [...values] })).rowCount === 1;
  }
}
