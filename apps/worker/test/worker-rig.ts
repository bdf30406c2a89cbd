// The worker's use cases with a real Postgres, a scripted gateway and terminals with real keys.
import { decryptAes256 } from '@quittance/gateway-protocol';
import { GatewayClient } from '@quittance/gateway';
import { TerminalKeys } from '@quittance/modules';
import type { Payment } from '@quittance/payments';
import {
  createPool,
  CallbackHints,
  DoubtInquiries,
  Payments,
  Refunds,
  Terminals,
  TransactionOwners,
} from '@quittance/persistence';
import { type Clock, createLogger, loadConfig, Metrics, systemClock } from '@quittance/platform';
import {
  type Card,
  CardSecret,
  generateKeySets,
  type KeySet,
  parseKeySet,
  sealCard,
  sealSecret,
} from '@quittance/vault';
import type { Pool } from 'pg';
import { aPayment, insertTestTerminal, newTransId } from '../../../test/support/payments.js';
import {
  createTestDatabase,
  type TestDatabase,
  emptyPayments,
  PATIENT_DEADLINES,
} from '../../../test/support/postgres.js';
import {
  type GatewayRequest,
  json,
  ScriptedGateway,
} from '../../../test/support/scripted-gateway.js';
import { workerConfig, type WorkerConfig } from '../src/config.js';
import { Breakers } from '../src/breaker/breakers.js';
import { PaymentInquiry, AbsenceJudge } from '../src/inquiry/payment-inquiry.js';
import { RefundSteps } from '../src/refunds/refund-steps.js';
import { HintInquiry } from '../src/inquiry/inquiry-strategies.js';
import { LaneGate } from '../src/lanes/lane-gate.js';
import { WorkerPlaces } from '../src/places/worker-places.js';
import { RefundInquiry } from '../src/refunds/refund-inquiry.js';
import { RefundSubmission } from '../src/refunds/refund-submission.js';
import { CreateRequestBuilder } from '../src/submission/create-request-builder.js';
import { PaymentSubmission } from '../src/submission/payment-submission.js';

export const TERMINAL_KEYS = {
  publicKey: 'WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=',
  privateKey: 'a-private-key-that-no-log-may-contain',
};
export const CARD = { number: '4012000033330026', cvv: '123', expMonth: '01', expYear: '30' };
/** {@link CARD} after parsing. */
export const READ_CARD: Card = {
  ...CARD,
  number: new CardSecret(CARD.number),
  cvv: new CardSecret(CARD.cvv),
};
export const CALLBACK_URL = 'http://callback.example';
export const TRANS_ID = '100135250426141606';

/** The gateway's transIDs in the current test, by reference. The first is {@link TRANS_ID}. */
const named = new Map<string, string>();

function transIdOf({ transId, reference }: Payment): string {
  const known = transId ?? named.get(reference) ?? (named.size === 0 ? TRANS_ID : newTransId());
  named.set(reference, known);
  return known;
}

/** Returns the gateway's complete and matching report of a payment of 11.11 EUR. */
export function transaction(payment: Payment, orderStatus: string) {
  const transID = transIdOf(payment);
  return {
    transID,
    order_status: orderStatus,
    bill_amt: '11.11',
    bill_currency: 'EUR',
    reference: payment.reference,
    response: 'Words of the gateway',
    authurl: `https://gateway.example/api/authurl/${transID}`,
  };
}

/** Decrypts `encrypted_data` as the gateway does (protocol §2.2, §2.3). */
export function decrypted({ body }: GatewayRequest): Record<string, string> {
  const value = new URLSearchParams(body).get('encrypted_data') ?? '';
  if (!value.endsWith(TERMINAL_KEYS.publicKey)) throw new Error('no public key at the end');
  const ciphertext = value.slice(0, -TERMINAL_KEYS.publicKey.length);
  return Object.fromEntries(new URLSearchParams(decryptAes256(ciphertext, TERMINAL_KEYS)));
}

type Row = Record<string, unknown>;
/** More than any test has in flight at once. */
const PLACES = '64';

/** A terminal to add. */
export interface RigTerminal {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
}

export class WorkerRig {
  readonly keySetJson = JSON.stringify(generateKeySets().worker);
  /** The key set of the process under test; a test may rotate it. */
  keys: KeySet = parseKeySet(this.keySetJson);
  readonly log = createLogger({ name: 'test', level: 'silent' });
  readonly client: GatewayClient;
  /** The settings of the lanes that the process under test has read. */
  readonly lanes = new LaneGate({ take: () => Promise.resolve(0) });
  readonly config: WorkerConfig;

  private constructor(
    readonly database: TestDatabase,
    /** Connects as the owner of the tables, for the test's own reads and writes. */
    readonly pool: Pool,
    /** Connects with the rights of a worker. */
    readonly workers: Pool,
    readonly gateway: ScriptedGateway,
  ) {
    this.client = new GatewayClient({ metrics: new Metrics(), inquiryTimeoutMs: 3_000 });
    this.config = loadConfig(workerConfig, {
      DATABASE_URL: database.url,
      REDIS_URL: 'redis://127.0.0.1:1',
      QUITTANCE_KEYSET: this.keySetJson,
      PUBLIC_CALLBACK_URL: CALLBACK_URL,
      GATEWAY_TIMEOUT_MS: '2000',
      SUBMISSION_CONCURRENCY: PLACES,
      INQUIRY_CONCURRENCY: PLACES,
      REFUND_CONCURRENCY: PLACES,
    });
  }

  static async start(): Promise<WorkerRig> {
    const database = await createTestDatabase();
    const options = {
      connections: 8,
      applicationName: 'worker-test',
      onError: () => undefined,
      deadlines: PATIENT_DEADLINES,
    };
    const pool = createPool({ databaseUrl: database.url, ...options });
    const workers = createPool({ databaseUrl: database.urlAs('worker'), ...options });
    const gateway = await ScriptedGateway.start(() => json(500, {}));
    return new WorkerRig(database, pool, workers, gateway);
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.gateway.close();
    await Promise.all([this.pool.end(), this.workers.end()]);
    await this.database.drop();
  }

  /** Removes all payments and recorded requests, and stores one terminal with these columns. */
  async reset(terminal: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await emptyPayments(this.pool);
    await this.#insertTerminal({ id: 'ter_test', name: 'main', baseUrl: this.gateway.url });
    for (const [column, value] of Object.entries({
      public_key: TERMINAL_KEYS.publicKey,
      ...terminal,
    })) {
      await this.pool.query(`UPDATE terminals SET ${column} = $1`, [value]);
    }
    this.gateway.requests.length = 0;
    named.clear();
  }

  /** Adds a terminal of the test merchant, with the keys of the first one. */
  async addTerminal(terminal: RigTerminal): Promise<void> {
    await this.#insertTerminal(terminal);
    const values = [TERMINAL_KEYS.publicKey, terminal.id];
    await this.pool.query('UPDATE terminals SET public_key = $1 WHERE id = $2', values);
  }

  async #insertTerminal(terminal: RigTerminal): Promise<void> {
    const { privateKey } = TERMINAL_KEYS;
    const sealedPrivateKey = await sealSecret(privateKey, {
      terminalId: terminal.id,
      keys: this.keys,
    });
    await insertTestTerminal(this.pool, { ...terminal, sealedPrivateKey });
  }

  submission({
    payments = new Payments(this.workers),
    clock = systemClock,
    timeoutMs = 2_000,
  }: {
    payments?: Payments;
    clock?: Clock;
    timeoutMs?: number;
  } = {}): PaymentSubmission {
    const gateway = { ...this.config.gateway, timeoutMs };
    return new PaymentSubmission(
      payments,
      new Terminals(this.workers),
      this.client,
      new CreateRequestBuilder(new TerminalKeys(this.keys), this.keys, clock, gateway),
      clock,
      this.log,
      gateway,
      this.#places(),
      this.lanes,
      this.#breakers(),
    );
  }

  #breakers(): Breakers {
    return new Breakers(this.client, this.config.gateway, this.log, new Metrics());
  }

  #places(): WorkerPlaces {
    return new WorkerPlaces(this.config.jobs, new Metrics());
  }

  inquiry(clock: Clock = systemClock): PaymentInquiry {
    const doubts = new DoubtInquiries(this.workers);
    return new PaymentInquiry(
      new Payments(this.workers),
      new Terminals(this.workers),
      doubts,
      new TransactionOwners(this.workers),
      new AbsenceJudge(doubts, this.client),
      new HintInquiry(new CallbackHints(this.workers), this.client),
      this.client,
      new RefundInquiry(new Refunds(this.workers), this.client, clock),
      clock,
      this.config.gateway,
      this.#places(),
    );
  }

  refunding({
    refunds = new Refunds(this.workers),
    clock = systemClock,
    timeoutMs = 2_000,
  }: { refunds?: Refunds; clock?: Clock; timeoutMs?: number } = {}): RefundSteps {
    const { client, log } = this;
    const terminals = new Terminals(this.workers);
    const gateway = { ...this.config.gateway, timeoutMs };
    const breakers = this.#breakers();
    return new RefundSteps(
      refunds,
      terminals,
      new RefundSubmission(refunds, terminals, client, clock, log, gateway, breakers),
      new RefundInquiry(refunds, client, clock),
      clock,
      gateway,
      this.#places(),
      breakers,
    );
  }

  /** Accepts a payment now, with its card encrypted; `overrides` may give it any status. */
  async accept(overrides: Partial<Payment> = {}): Promise<Payment> {
    const now = new Date();
    const from = (ms: number) => new Date(now.getTime() + ms);
    const due = { submitBefore: from(600_000), nextStepAt: from(30_000) };
    const times = { createdAt: now, updatedAt: now, ...due };
    const payment = aPayment({ ...times, ...overrides });
    const isQueued = payment.status === 'queued';
    const sealedCard = isQueued
      ? await sealCard(READ_CARD, { paymentId: payment.id, keys: this.keys })
      : null;
    await new Payments(this.pool).accept({ payment, terminalName: 'main', sealedCard });
    return payment;
  }

  async load(payment: Payment) {
    const loaded = await new Payments(this.workers).load(payment.id);
    if (!loaded) throw new Error('the payment is gone');
    return { ...loaded.payment, sealedCard: loaded.sealedCard };
  }

  async rows(sql: string): Promise<Row[]> {
    return (await this.pool.query<Row>(sql)).rows;
  }

  /** Returns the statuses that the payment has had, in order. */
  async history(): Promise<unknown[]> {
    return (await this.rows('SELECT status FROM payment_events ORDER BY sequence')).map(
      ({ status }) => status,
    );
  }
}
