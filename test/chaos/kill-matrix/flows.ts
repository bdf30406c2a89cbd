// The payments and refunds that lead to the places where processes die: the gateway's part in each,
// the servers that are unavailable, and the decisions of callers and operators.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { linkTo, type SeverableLink } from '../../support/severable-link.js';
import { Oracle } from '../oracle.js';
import { Caller, refundReference, type AcceptedPayment } from '../payments.js';
import { JobPublisher } from '../publisher.js';
import { SandboxControl } from '../sandbox-control.js';
import { Signer } from '../signer.js';
import type { ChaosStack, Environment } from '../stack/chaos-stack.js';
import { until } from '../waiting.js';

const REFUND_PATH = '/api/transactions/refund-request';
/** Time for a reply to be stored before the acquirer settles. */
const SETTLES_AFTER_MS = 400;
const REFUSES_FOR_MS = 2_000;
const REACHED_WITHIN_MS = 30_000;
const DOUBTED_WITHIN_MS = 60_000;
const PAID_WITHIN_MS = 60_000;
/** The sweeper's patience, a due step's lease and the first inquiries, one after another. */
export const ENDS_WITHIN_MS = 150_000;
const LOOK_EVERY_MS = 200;
/** Of the batch that `Caller.acceptInBatch` sends. */
const BATCH_LINES = 3;

const LATE_PAYMENT = `UPDATE payment_intents SET submit_before = now(), next_step_at = now()
  WHERE reference = $1`;
const LATE_REFUND = `UPDATE refunds SET submit_before = now(), next_step_at = now()
  WHERE reference = $1`;
const REFUND = 'SELECT status, inquiries FROM refunds WHERE reference = $1';

/** The only statuses in which a payment and its refund may end. */
export interface Ends {
  readonly payment?: string;
  readonly refund?: string;
}

/** The events around one death. Each case has a new flow, because some hold open links. */
export abstract class Flow {
  readonly stack: ChaosStack;
  readonly reference: string;
  /** Completes "while the gateway ..." in the table. */
  abstract readonly gateway: string;
  readonly ends: Ends = {};
  protected readonly caller: Caller;
  protected readonly sandbox: SandboxControl;

  constructor(stack: ChaosStack, reference: string) {
    this.stack = stack;
    this.reference = reference;
    this.caller = Caller.of(stack);
    this.sandbox = new SandboxControl(stack.urls.sandbox);
  }

  /** Runs before the process is armed; resolves with further settings of the armed process. */
  async prepare(): Promise<Environment> {
    return {};
  }

  /** Runs once the process is armed. */
  async script(): Promise<unknown> {
    return undefined;
  }

  /** The caller's request, repeated until it is accepted. */
  act(reference: string): Promise<unknown> {
    return this.caller.accept(reference);
  }

  /** Runs once the caller has its response. */
  async afterResponse(_hasDied: () => boolean): Promise<unknown> {
    return undefined;
  }

  /** Runs when the process is up again. */
  async afterRestart(): Promise<unknown> {
    return undefined;
  }

  /** Runs before the payment is judged. */
  async follow(): Promise<unknown> {
    return undefined;
  }

  /** Has the gateway drop requests, before it processes them or after. */
  protected drop(when: 'before' | 'after', path?: string): Promise<unknown> {
    const match = { reference: this.reference, ...(path && { path }) };
    return this.sandbox.fault({ match, fault: `drop_${when}_processing` });
  }
}

/** A flow whose death is that of a command of the operator's CLI. */
export interface CommandFlow extends Flow {
  readonly command: readonly string[];
}

class Approved extends Flow {
  readonly gateway: string = 'approves';
}

/** The caller's key signs. */
class Signed extends Flow {
  readonly gateway = 'approves; the request is signed';
  #signer: Signer | undefined;

  override async prepare() {
    this.#signer = await Signer.of(this.stack);
    return {};
  }

  override act(reference: string) {
    if (this.#signer === undefined) throw new Error('the flow is not prepared');
    return Caller.signing(this.stack, this.#signer).accept(reference);
  }
}

/** The caller sends a batch, and again from its first line after a call without an end. */
class Batched extends Flow {
  readonly gateway = 'approves; the payment is a line of a batch';

  override async act(reference: string) {
    const { settled } = await this.caller.acceptInBatch(reference);
    if (settled !== BATCH_LINES) throw new Error(`the batch is settled up to line ${settled}`);
  }
}

/** A service publishes the payment as a job. */
class Published extends Flow {
  readonly gateway: string = 'approves; the payment is published as a job';
  protected publisher: JobPublisher | undefined;

  override async prepare() {
    this.publisher = await JobPublisher.of(this.stack);
    return {};
  }

  override async act(reference: string): Promise<unknown> {
    return this.publisher?.accept(reference);
  }
}

/** The first job contains the card in clear, and is refused. */
class PublishedInClear extends Published {
  override readonly gateway: string = 'approves; a job with the card in clear comes first';

  override async act(reference: string) {
    await this.publisher?.publishInClear(reference);
    return super.act(reference);
  }

  /** A job whose process died comes back once its lock has expired. */
  override follow() {
    const isGone = async () => (await this.publisher?.holdsCard()) === false;
    const limits = { limitMs: ENDS_WITHIN_MS, everyMs: LOOK_EVERY_MS };
    return until(isGone, { what: 'the card is out of Redis', ...limits });
  }
}

/** The first job has a card number for a name, and is removed. */
class PublishedAsName extends PublishedInClear {
  override readonly gateway = 'approves; a job named like a card comes first';

  override async act(reference: string) {
    await this.publisher?.publishAsName();
    return super.act(reference);
  }
}

/** The gateway's reply is "pending"; its acquirer approves soon after, by callback. */
class Settled extends Flow {
  readonly gateway: string = 'settles by callback';

  override async script() {
    const settle = { order_status: '1', after_ms: SETTLES_AFTER_MS };
    const match = { reference: this.reference };
    await this.sandbox.acquirer({ match, reply: '0', settle, times: 1 });
  }
}

const OPT_IN = `
INSERT INTO drop_ins (terminal_id, public_key, caller_networks, callback_origins, accepts_plain, created_at)
SELECT id, public_key, '{127.0.0.1,::1}', ARRAY[$1], true, now() FROM terminals WHERE name = 'main'
ON CONFLICT (terminal_id) DO UPDATE SET callback_origins = drop_ins.callback_origins || EXCLUDED.callback_origins`;

/** The caller was written for the gateway, and has a webhook of its own. */
class Forwarded extends Settled {
  override readonly gateway = 'settles; its callback is forwarded';
  readonly #shop = createServer((request, response) => void this.#take(request, response));
  #received = '';

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for await (const chunk of request.setEncoding('utf8')) this.#received += String(chunk);
    response.end();
  }

  get #origin(): string {
    return `http://127.0.0.1:${(this.#shop.address() as AddressInfo).port}`;
  }

  override async prepare() {
    await new Promise<void>((resolve) => this.#shop.listen(0, '127.0.0.1', resolve));
    await this.stack.query(OPT_IN, [this.#origin]);
    return {};
  }

  /** Repeats the request: an api that was running learns of the opting in within seconds. */
  override async act(reference: string) {
    const body = JSON.stringify({
      public_key: this.stack.terminals.find(({ name }) => name === 'main')?.publicKey,
      reference,
      bill_amt: '11.11',
      bill_currency: 'EUR',
      product_name: 'Two tickets',
      mop: 'CC',
      ccno: '4242424242424242',
      ccvv: '123',
      month: '01',
      year: '30',
      return_url: `${this.#origin}/return`,
      webhook_url: `${this.#origin}/callback`,
    });
    const headers = { 'content-type': 'application/json' };
    const url = `${this.stack.urls.api}/api/s2s`;
    const isTaken = async () =>
      (await fetch(url, { method: 'POST', headers, body }).catch(() => undefined))?.status === 200;
    await until(isTaken, { what: 'the reply', limitMs: PAID_WITHIN_MS, everyMs: LOOK_EVERY_MS });
  }

  override async follow() {
    const hasCallback = async () =>
      this.#received.includes(`"reference":"${this.reference}","order_status":"1"`);
    const what = 'the callback at the webhook';
    await until(hasCallback, { what, limitMs: ENDS_WITHIN_MS, everyMs: LOOK_EVERY_MS });
    this.#shop.closeAllConnections();
    this.#shop.close();
  }
}

/** The webhook app cannot reach Postgres when the callback comes; the others can. */
class Buffered extends Settled {
  override readonly gateway = 'settles by callback; no Postgres';
  #link: SeverableLink | undefined;

  async #buffered(): Promise<number> {
    return Number(await this.stack.servers.redis.command('LLEN', 'quittance-callbacks-kept'));
  }

  override async prepare() {
    this.#link = await linkTo(this.stack.setup.databaseUrl);
    return { DATABASE_URL: this.#link.url };
  }

  override async script() {
    this.#link?.endConnections();
    await super.script();
  }

  override async afterResponse(hasDied: () => boolean) {
    const look = async () => hasDied() || (await this.#buffered()) > 0;
    await until(look, { what: 'the callback came', limitMs: REACHED_WITHIN_MS });
    // A process that dies when the callback is buffered does so before Postgres is back.
    if (!hasDied()) await pause(SETTLES_AFTER_MS);
    this.#link?.speak();
  }

  /**
   * A callback that stays buffered would lead the next case's process to its point before its
   * payment exists.
   */
  override async afterRestart() {
    const isApplied = async () => (await this.#buffered()) === 0;
    await until(isApplied, { what: 'the callback was applied', limitMs: REACHED_WITHIN_MS });
    await this.#link?.cut();
  }
}

const HAS_TRANSACTION = `
SELECT id FROM payment_intents WHERE reference = $1 AND status NOT IN ('queued', 'submitting')`;

/** The payer comes back through the return page, and again until that leads to the shop. */
class Returned extends Flow {
  readonly gateway = 'settles after the payer has returned';
  #page = '';

  override async prepare() {
    await this.sandbox.acquirer({ match: { reference: this.reference }, reply: '0', times: 1 });
    const { payment } = await this.caller.accept(this.reference, { returnPage: true });
    this.#page = `${this.stack.urls.api}/return/${payment.id}`;
    const isThere = async () =>
      (await this.stack.query(HAS_TRANSACTION, [this.reference])).length > 0;
    await until(isThere, { what: 'the reply', limitMs: PAID_WITHIN_MS });
    return {};
  }

  /** A visit while an inquiry is due makes none due, so the first one may not be enough. */
  override async act() {
    let isDead = false;
    const hasReturned = async () => {
      const visit = await fetch(this.#page, { redirect: 'manual' }).catch(() => undefined);
      isDead ||= visit === undefined;
      return isDead && visit?.status === 303;
    };
    await until(hasReturned, { what: 'the return', limitMs: PAID_WITHIN_MS });
  }

  override async follow() {
    const { data } = await this.sandbox.ledger(this.reference);
    await this.sandbox.settle(data[0]?.transID ?? '', '1');
  }
}

/** The gateway charges and its reply is lost: in doubt, then resolved by an inquiry. */
class Doubtful extends Flow {
  readonly gateway = 'loses its reply';

  override script() {
    return this.drop('after');
  }
}

/** The gateway's port is closed: the request provably never leaves. */
class Unreachable extends Flow {
  readonly gateway = 'refuses connections';

  override script() {
    return this.sandbox.fault({ fault: 'refuse_connection', for_ms: REFUSES_FOR_MS });
  }
}

/** Redis loses everything once the payment is accepted. */
class Flushed extends Flow {
  readonly gateway = 'approves; Redis is emptied';

  override afterResponse() {
    return this.stack.servers.redis.command('FLUSHALL');
  }
}

/** The payment is accepted while no worker runs. */
abstract class Unsent extends Flow {
  protected payment: AcceptedPayment | undefined;

  override async prepare() {
    await this.stack.process('worker').kill();
    ({ payment: this.payment } = await this.caller.accept(this.reference));
    return {};
  }
}

/** The worker is back only when the payment is cancelled, so that it finds the job to send it. */
class Cancelled extends Unsent {
  readonly gateway = 'has no request yet; the caller cancels';
  override readonly ends = { payment: 'cancelled' };

  override act() {
    if (this.payment === undefined) throw new Error('the flow is not prepared');
    return this.caller.cancel(this.payment);
  }

  override afterRestart() {
    return this.stack.launch('worker');
  }
}

/** No worker runs until the payment's time is over. */
class Late extends Unsent {
  readonly gateway = 'receives no payment in time';
  override readonly ends = { payment: 'failed' };

  override async prepare() {
    const environment = await super.prepare();
    await this.stack.query(LATE_PAYMENT, [this.reference]);
    return environment;
  }

  override async act() {
    return undefined;
  }
}

/**
 * The gateway never receives the payment, which cannot be proven: an operator looks it up there.
 */
class Resolved extends Flow implements CommandFlow {
  readonly gateway = 'drops the payment; an operator resolves it';
  override readonly ends = { payment: 'failed' };

  get command() {
    const evidence = '--evidence=no transaction in the dashboard';
    return ['resolve', this.reference, '--as=failed', evidence, '--by=chaos'];
  }

  override async prepare() {
    await this.drop('before');
    await this.caller.accept(this.reference);
    await new Oracle(this.stack.urls).reaches(this.reference, 'in_doubt', DOUBTED_WITHIN_MS);
    return {};
  }
}

/** The refund as it is stored. It says only when to look: the ledger judges. */
export async function storedRefund(stack: ChaosStack, reference: string) {
  const values = [refundReference(reference)];
  const [refund] = await stack.query<{ status: string; inquiries: number }>(REFUND, values);
  return refund;
}

/**
 * A refund of a payment that is paid before anything is armed, so that every step that follows is
 * the refund's.
 */
class Refunded extends Flow {
  readonly gateway: string = 'accepts the refund';
  override readonly ends = { payment: 'refunded', refund: 'succeeded' };
  #payment: AcceptedPayment | undefined;

  override async prepare(): Promise<Environment> {
    ({ payment: this.#payment } = await this.caller.accept(this.reference));
    await new Oracle(this.stack.urls).reaches(this.reference, 'succeeded', PAID_WITHIN_MS);
    return {};
  }

  override act(_reference?: string): Promise<unknown> {
    if (this.#payment === undefined) throw new Error('the flow is not prepared');
    return this.caller.refund(this.#payment);
  }

  /**
   * Completes the refund as the gateway's back office does; over when no more will happen by
   * itself.
   */
  override async follow() {
    let isCompleted = false;
    const isOver = async () => {
      const { status, inquiries } = await this.refund();
      if (status === 'accepted' && !isCompleted) {
        await this.sandbox.completeRefund(this.reference);
        isCompleted = true;
      }
      return (
        status === 'succeeded' || status === 'failed' || (status === 'in_doubt' && inquiries > 0)
      );
    };
    const what = `the end of the refund of ${this.reference}`;
    await until(isOver, { what, limitMs: ENDS_WITHIN_MS, everyMs: LOOK_EVERY_MS });
  }

  protected async refund() {
    const refund = await storedRefund(this.stack, this.reference);
    if (refund === undefined) throw new Error(`${this.reference} has no refund`);
    return refund;
  }
}

class RefundDoubtful extends Refunded {
  override readonly gateway = 'loses its reply to the refund';

  override async prepare() {
    const environment = await super.prepare();
    await this.drop('after', REFUND_PATH);
    return environment;
  }
}

/** No worker runs until the refund's time is over. */
class RefundLate extends Refunded {
  override readonly gateway = 'receives no refund in time';
  override readonly ends = { payment: 'succeeded', refund: 'failed' };

  override async prepare() {
    const environment = await super.prepare();
    await this.stack.process('worker').kill();
    await super.act();
    await this.stack.query(LATE_REFUND, [refundReference(this.reference)]);
    return environment;
  }

  override async act() {
    return undefined;
  }
}

/** The gateway never receives the refund, which cannot be proven: an operator looks it up there. */
class RefundResolved extends Refunded implements CommandFlow {
  override readonly gateway = 'drops the refund; an operator resolves it';
  override readonly ends = { payment: 'succeeded', refund: 'failed' };

  get command() {
    const evidence = '--evidence=no refund in the dashboard';
    const reference = refundReference(this.reference);
    return ['refunds', 'resolve', reference, '--as=failed', evidence, '--by=chaos'];
  }

  override async prepare() {
    const environment = await super.prepare();
    await this.drop('before', REFUND_PATH);
    await this.act();
    const isInDoubt = async () => (await this.refund()).status === 'in_doubt';
    await until(isInDoubt, { what: 'the doubt', limitMs: REACHED_WITHIN_MS });
    return environment;
  }
}

/** By the name in cases.ts. */
export const FLOWS = {
  approved: Approved,
  signed: Signed,
  batched: Batched,
  published: Published,
  'published-in-clear': PublishedInClear,
  'published-as-name': PublishedAsName,
  settled: Settled,
  forwarded: Forwarded,
  buffered: Buffered,
  returned: Returned,
  doubtful: Doubtful,
  unreachable: Unreachable,
  flushed: Flushed,
  cancelled: Cancelled,
  late: Late,
  resolved: Resolved,
  refunded: Refunded,
  'refund-doubtful': RefundDoubtful,
  'refund-late': RefundLate,
  'refund-resolved': RefundResolved,
} as const;

export type FlowName = keyof typeof FLOWS;
