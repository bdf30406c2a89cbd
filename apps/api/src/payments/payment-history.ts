// Everything that is kept about how a payment came to be what it is: moves, attempts, callbacks.
import type { PrismaService } from '@quittance/persistence';

/** Oldest first each. */
export type PaymentHistory = Awaited<ReturnType<typeof loadHistory>>;

/** Reads the history of one payment. Callbacks' fields and events' snapshots are left out: they repeat the payment. */
export async function loadHistory(prisma: PrismaService, paymentId: string) {
  const where = { paymentId };
  const [moves, attempts, callbacks] = await Promise.all([
    prisma.paymentEvent.findMany({ where, omit: { snapshot: true }, orderBy: { sequence: 'asc' } }),
    prisma.submissionAttempt.findMany({ where, orderBy: { number: 'asc' } }),
    prisma.callback.findMany({
      where,
      omit: { contentSha256: true },
      orderBy: { receivedAt: 'asc' },
    }),
  ]);
  return { moves, attempts, callbacks };
}
