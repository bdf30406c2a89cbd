// Finds the payment or the refund that an operator names.
import type { PrismaService } from '@quittance/persistence';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';
import { refuseCardNumber } from '../command/card-numbers.js';

/**
 * Returns the merchant's payment with this reference or id. Throws {@link OperatorError} for none,
 * for several, and for a card number.
 */
export async function findPayment(
  { prisma }: Operator,
  reference: string,
  { merchant }: { readonly merchant?: string },
): Promise<{ readonly id: string; readonly merchantName: string }> {
  refuseCardNumber(reference);
  const ids = await merchantIds(prisma, merchant);
  const found = await prisma.paymentIntent.findMany({
    where: { merchantId: { in: ids }, OR: [{ reference }, { id: reference }] },
    select: { id: true, terminal: { select: { merchant: { select: { name: true } } } } },
  });
  const names = found.map(({ terminal }) => terminal.merchant.name);
  const [payment] = found;
  if (!payment) throw await noPayment(prisma, reference, ids);
  if (found.length === 1) return { id: payment.id, merchantName: names[0] ?? '' };
  throw new OperatorError(`${names.join(', ')} each have a ${reference}; choose with --merchant.`);
}

/** A reference is found within a merchant: there is no index on references alone. */
async function merchantIds(prisma: PrismaService, name: string | undefined): Promise<string[]> {
  const where = name === undefined ? {} : { name };
  return (await prisma.merchant.findMany({ where, select: { id: true } })).map(({ id }) => id);
}

async function noPayment(
  prisma: PrismaService,
  reference: string,
  ids: readonly string[],
): Promise<OperatorError> {
  const where = { merchantId: { in: [...ids] }, reference };
  const deleted = await prisma.paymentTombstone.findFirst({ where });
  return new OperatorError(
    deleted
      ? `The payment ${reference} was deleted at ${deleted.endedAt.toISOString()} because of its age; only its reference is left.`
      : `There is no payment with the reference ${reference}.`,
  );
}

/** Returns the merchant's refund with this reference or id. Throws as {@link findPayment} does. */
export async function findRefund(
  { prisma }: Operator,
  reference: string,
  { merchant }: { readonly merchant?: string },
): Promise<string> {
  refuseCardNumber(reference);
  const found = await prisma.refund.findMany({
    where: {
      OR: [{ reference }, { id: reference }],
      ...(merchant !== undefined && { payment: { terminal: { merchant: { name: merchant } } } }),
    },
    select: { id: true },
  });
  const [refund] = found;
  if (!refund) throw new OperatorError(`There is no refund with the reference ${reference}.`);
  if (found.length === 1) return refund.id;
  throw new OperatorError(
    `${found.length} merchants have a refund ${reference}; choose with --merchant.`,
  );
}
