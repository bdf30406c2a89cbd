// A payment's whole story: everything that explains it to an operator. The CLI, the API and the
// page show the same facts.
import {
  type ConcernedPayment,
  LaneHeartbeats,
  loadHistory,
  type PaymentHistory,
  Payments,
  type PrismaService,
  Terminals,
  TransactionOwners,
} from '@quittance/persistence';
import type { Clock } from '@quittance/platform';
import type { Pool } from 'pg';
import { OperatorError } from '../operator-error.js';
import type { NextStepFacts } from './next-step.js';

/** A payment with everything that explains it. */
export interface PaymentStory extends NextStepFacts {
  readonly merchantName: string;
  readonly history: PaymentHistory;
  /** Other payments that have, or may have, its transaction. */
  readonly concerned: readonly ConcernedPayment[];
  /** The sequences of the events that are committed and not in Redis yet. */
  readonly unpublished: ReadonlySet<number>;
}

/** The databases of a story. */
export interface StorySource {
  readonly prisma: PrismaService;
  readonly pool: Pool;
  readonly clock: Clock;
}

/** Loads the story of a payment. Throws {@link OperatorError} when there is none with this id. */
export async function loadStory(
  { prisma, pool, clock }: StorySource,
  id: string,
): Promise<PaymentStory> {
  const loaded = await new Payments(pool).load(id);
  const terminal = loaded && (await Terminals.withoutKeys(pool).load(loaded.payment.terminalId));
  if (!terminal) throw new OperatorError(`There is no payment ${id}.`);
  const { payment } = loaded;
  const [history, concerned, merchant, lanes, waiting] = await Promise.all([
    loadHistory(prisma, id),
    new TransactionOwners(pool).concerned(payment),
    prisma.merchant.findUniqueOrThrow({ where: { id: payment.merchantId } }),
    new LaneHeartbeats(pool).read(),
    prisma.outbox.findMany({
      where: { paymentId: id, refundId: null },
      select: { sequence: true },
    }),
  ]);
  return {
    merchantName: merchant.name,
    payment,
    terminal,
    history,
    concerned,
    isBreakerOpen: lanes.some(({ openBreakers }) => openBreakers.includes(terminal.id)),
    unpublished: new Set(waiting.map(({ sequence }) => sequence)),
    now: clock.now(),
  };
}
