// The refund that an operator means.
import type { Operator } from '../command/operator.js';
import { OperatorError } from '../command/operator-error.js';
import { refuseCardNumber } from '../command/refuse-card-number.js';

/** By the merchant's reference, or by our own id. Throws {@link OperatorError} when there is none, or several, and when it is a card's number. */
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
