// Everything that is kept about how a payment came to be what it is: moves, attempts, callbacks,
// refunds, what was asked in doubt, and what people did.
import type { PrismaService } from './prisma.service.js';

/** Oldest first each. */
export type PaymentHistory = Awaited<ReturnType<typeof loadHistory>>;

/**
 * Reads the history of one payment. Callbacks' fields and events' snapshots are left out: they
 * repeat the payment.
 */
export async function loadHistory(prisma: PrismaService, paymentId: string) {
  const where = { paymentId };
  const [moves, attempts, callbacks, inquiries, actions, refunds] = await Promise.all([
    prisma.paymentEvent.findMany({ where, omit: { snapshot: true }, orderBy: { sequence: 'asc' } }),
    prisma.submissionAttempt.findMany({ where, orderBy: { number: 'asc' } }),
    prisma.callback.findMany({
      where,
      omit: { contentSha256: true },
      orderBy: { receivedAt: 'asc' },
    }),
    prisma.doubtInquiry.findMany({ where, orderBy: { id: 'asc' } }),
    prisma.operatorAction.findMany({ where, orderBy: { sequence: 'asc' } }),
    prisma.refund.findMany({
      where,
      include: {
        events: { orderBy: { sequence: 'asc' } },
        attempts: { orderBy: { number: 'asc' } },
      },
      orderBy: { createdAt: 'asc' },
    }),
  ]);
  return { moves, attempts, callbacks, inquiries, actions, refunds };
}
