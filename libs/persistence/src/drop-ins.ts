// The terminals that accept requests in the gateway's form, and their payments by the gateway's id.
// SQL: a payment is looked up for every such request, and the api's role reads no other table's
// key (ADR 37, ADR 45).
import type { Payment, TerminalMode } from '@quittance/payments';
import { AddressRanges, atMost } from '@quittance/platform';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { paymentOf, type PaymentRow } from './payment-row.js';

/** A terminal that accepts requests in the gateway's form, and the operator's conditions. */
export interface DropIn {
  readonly terminalId: string;
  readonly terminalName: string;
  readonly merchantId: string;
  readonly mode: TerminalMode;
  readonly publicKey: string;
  /** Encrypted for the api; `null` if it accepts no encrypted requests. */
  readonly sealedPrivateKey: string | null;
  readonly acceptsPlain: boolean;
  /** True when a caller with this address may use it. */
  readonly mayCall: (address: string | undefined) => boolean;
  /** The origins to which callbacks are forwarded, in the URL parser's spelling. */
  readonly callbackOrigins: readonly string[];
}

/** A payment found by the gateway's id, with its terminal. */
export interface DropInPayment {
  readonly payment: Payment;
  readonly dropIn: DropIn;
}

interface DropInRow extends Omit<DropIn, 'mayCall'> {
  readonly callerNetworks: string[];
}

/** The longest time that a change by an operator goes unnoticed. */
const CACHE_TTL_MS = 5_000;
const CACHED_MAX = 10_000;

const COLUMNS = `d.terminal_id AS "terminalId", t.name AS "terminalName", t.merchant_id AS "merchantId", t.mode,
  d.public_key AS "publicKey", d.sealed_private_key AS "sealedPrivateKey", d.accepts_plain AS "acceptsPlain",
  d.caller_networks AS "callerNetworks", d.callback_origins AS "callbackOrigins"`;

const FIND = {
  name: 'drop_in',
  text: `SELECT ${COLUMNS} FROM drop_ins d JOIN terminals t ON t.id = d.terminal_id WHERE d.public_key = $1`,
};

const OF_TRANSACTION = {
  name: 'drop_in_of_transaction',
  text: `SELECT ${COLUMNS}, p.*
FROM payment_intents p JOIN drop_ins d ON d.terminal_id = p.terminal_id JOIN terminals t ON t.id = d.terminal_id
WHERE p.trans_id = $1 LIMIT 2`,
};

export class DropIns {
  readonly #byKey: LRUCache<string, DropIn>;

  constructor(private readonly pool: Pool) {
    this.#byKey = new LRUCache({
      ...atMost(CACHED_MAX),
      ttl: CACHE_TTL_MS,
      fetchMethod: (key: string) => this.#find(key),
    });
  }

  /** Returns the terminal with this public key; `undefined` if none accepts such requests. */
  find(publicKey: string): Promise<DropIn | undefined> {
    return this.#byKey.fetch(publicKey);
  }

  /** True when a terminal with this public key was found within the last seconds. */
  isKnown(publicKey: string): boolean {
    return this.#byKey.has(publicKey);
  }

  /**
   * Returns the payment of a transaction, if its terminal accepts such requests. Returns
   * `undefined` as well when two gateways use the same id for different payments.
   */
  async ofTransaction(transId: string): Promise<DropInPayment | undefined> {
    const { rows } = await this.pool.query<DropInRow & PaymentRow>({
      ...OF_TRANSACTION,
      values: [transId],
    });
    const [row] = rows;
    return row && rows.length === 1
      ? { payment: paymentOf(row), dropIn: dropInOf(row) }
      : undefined;
  }

  async #find(publicKey: string): Promise<DropIn | undefined> {
    const { rows } = await this.pool.query<DropInRow>({ ...FIND, values: [publicKey] });
    return rows[0] && dropInOf(rows[0]);
  }
}

function dropInOf(row: DropInRow): DropIn {
  const networks = new AddressRanges(row.callerNetworks);
  return {
    terminalId: row.terminalId,
    terminalName: row.terminalName,
    merchantId: row.merchantId,
    mode: row.mode,
    publicKey: row.publicKey,
    sealedPrivateKey: row.sealedPrivateKey,
    acceptsPlain: row.acceptsPlain,
    mayCall: (address) => address !== undefined && networks.has(address),
    callbackOrigins: row.callbackOrigins,
  };
}
