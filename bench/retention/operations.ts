// The operations that must cost the same on a full database as on an empty one.
import { randomUUID } from 'node:crypto';
import { decide, type Payment } from '@quittance/payments';
import {
  createPool,
  DoubtList,
  DuePayments,
  EventList,
  type EventCursor,
  loadHistory,
  loadWorkState,
  PaymentList,
  Payments,
  PaymentSearch,
  PrismaService,
  Reads,
  StoredInvariants,
  TransactionOwners,
} from '@quittance/persistence';
import type { Pool } from 'pg';
import { aPayment } from '../../test/support/payments.js';

/** Payments that are accepted and submitted at once: one statement. */
const AT_ONCE = 50;
const MERCHANT = 'mer_7';
/** Until a new payment's first step is due. */
const DUE_AFTER_MS = 30_000;

/** One database under measurement. */
export interface Measured {
  /** Runs one round of every operation, and resolves with the milliseconds of each. */
  round(): Promise<Readonly<Record<string, number>>>;
  end(): Promise<void>;
}

export function measured(databaseUrl: string): Measured {
  const options = { connections: 8, applicationName: 'bench', onError: () => undefined };
  const pool = createPool({ databaseUrl, ...options });
  const prisma = new PrismaService(pool);
  const payments = new Payments(pool);
  const due = new DuePayments(pool);
  const lists = new PaymentList(new Reads(pool));
  const events = new EventList(new Reads(pool));
  const invariants = new StoredInvariants(pool);
  const owners = new TransactionOwners(pool);
  const doubts = new DoubtList(pool);
  const search = new PaymentSearch(new Reads(pool));
  let after: EventCursor | undefined;
  return {
    async round() {
      const times: Record<string, number> = {};
      const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
        const began = performance.now();
        const result = await work();
        times[name] = performance.now() - began;
        return result;
      };
      after ??= await newestPosition(pool);
      const fresh = Array.from({ length: AT_ONCE }, newPayment);
      await timed('intake', () => all(fresh, (payment) => accept(payments, payment)));
      await timed('due steps', () => due.claim(claimAt(DUE_AFTER_MS)));
      await timed('no due step', () => due.claim(claimAt(0)));
      await timed('no watched step', () => due.claimWatched(claimAt(0)));
      const sent = await timed('fence', () => all(fresh, (payment) => fence(payments, payment)));
      await timed('reply', () => all(sent, (payment) => end(payments, payment)));
      const {
        rows: [newest],
      } = await timed('list', () => lists.read(MERCHANT, {}, 20));
      const { id, reference } = newest!.payment;
      await timed('read by reference', () => payments.loadByReference(MERCHANT, reference));
      await timed('explain', () =>
        Promise.all([loadHistory(prisma, id), owners.concerned(newest!.payment)]),
      );
      await timed('page', () =>
        Promise.all([
          loadWorkState(pool),
          doubts.totals(),
          doubts.payments('', 20),
          search.find('reference', reference),
        ]),
      );
      const unread = { after, limit: 3 * AT_ONCE };
      ({ end: after } = await timed('events', () => events.read(MERCHANT, unread)));
      await timed('invariants', () =>
        invariants.newest({ limit: 500, stalledBefore: new Date(0) }),
      );
      await pool.query('TRUNCATE outbox');
      return times;
    },
    end: () => pool.end(),
  };
}

/** A claim in so many milliseconds, of all payments of a round and no other. */
function claimAt(inMs: number) {
  const now = new Date(Date.now() + inMs);
  return { now, leaseUntil: new Date(now.getTime() + 3_600_000), limit: 200 };
}

/** The position of a reader that has read everything. */
async function newestPosition(pool: Pool): Promise<EventCursor> {
  const newest = 'SELECT pg_current_xact_id()::text AS tx';
  const { rows } = await pool.query<{ tx: string }>(newest);
  return { tx: rows[0]?.tx ?? '0', subject: '', sequence: 0, endings: null };
}

function newPayment(): Payment {
  const now = new Date();
  return aPayment({
    merchantId: MERCHANT,
    terminalId: 'ter_7',
    createdAt: now,
    updatedAt: now,
    submitBefore: new Date(now.getTime() + 3_600_000),
    nextStepAt: new Date(now.getTime() + DUE_AFTER_MS),
  });
}

function all<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  return Promise.all(items.map(work));
}

function accept(payments: Payments, payment: Payment): Promise<boolean> {
  return payments.accept({ payment, terminalName: 'main', sealedCard: 'x'.repeat(400) });
}

async function fence(payments: Payments, before: Payment): Promise<Payment> {
  const replyBefore = new Date(Date.now() + 30_000);
  const decision = decide(before, { cause: 'request', act: 'open', replyBefore }, new Date());
  const opensAttempt = { replyBefore, openedBy: randomUUID(), callbackKid: 'k1' };
  await payments.record({ before, decision, terminalName: 'main', opensAttempt });
  return decision.next;
}

/** A decline, which needs no transID. */
function end(payments: Payments, before: Payment): Promise<boolean> {
  const at = new Date();
  const failure = { code: 'gateway_declined', message: 'x' } as const;
  const state = { status: 'declined', version: before.version + 1, nextStepAt: null } as const;
  const next = { ...before, ...state, failure, updatedAt: at } as unknown as Payment;
  const move = { from: 'submitting', cause: 'reply', gatewayCode: '2', note: null } as const;
  const decision = { next, move } as unknown as ReturnType<typeof decide>;
  const closesAttempt = {
    outcome: 'reported',
    httpStatus: 200,
    errorNumber: null,
    reason: null,
    durationMs: 5,
  };
  return payments.record({ before, decision, terminalName: 'main', closesAttempt });
}
