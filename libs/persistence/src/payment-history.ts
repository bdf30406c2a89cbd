// The complete history of a payment: transitions, attempts, callbacks, refunds, inquiries in doubt,
// and operators' actions.
import type { PrismaService } from './prisma.service.js';

/** The history; every list is oldest first. */
export type PaymentHistory = Awaited<ReturnType<typeof loadHistory>>;

/**
 * Reads the history of one payment, as far as it has not ended. Omits callbacks' fields and events'
 * snapshots, which repeat the payment.
 */
export async function loadHistory(prisma: PrismaService, paymentId: string) {
  const where = { paymentId };
  const [ends, moves, attempts, callbacks, inquiries, actions, refunds] = await Promise.all([
    prisma.paymentIntent.findUnique({
      where: { id: paymentId },
      select: { personalDataErasedAt: true, historyEndedAt: true },
    }),
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
        events: { omit: { snapshot: true }, orderBy: { sequence: 'asc' } },
        attempts: { orderBy: { number: 'asc' } },
      },
      orderBy: { createdAt: 'asc' },
    }),
  ]);
  return { ends, moves, attempts, callbacks, inquiries, actions, refunds };
}
