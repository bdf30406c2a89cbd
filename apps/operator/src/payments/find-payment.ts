// The payment that an operator means.
import type { Operator } from '../command/operator.js';
import { OperatorError } from '../command/operator-error.js';
import { refuseCardNumber } from '../command/refuse-card-number.js';

/** By the merchant's reference, or by our own id. Throws {@link OperatorError} when there is none, or several, and when it is a card's number. */
export async function findPayment(
  { prisma }: Operator,
  reference: string,
  { merchant }: { readonly merchant?: string },
): Promise<{ readonly id: string; readonly merchantName: string }> {
  refuseCardNumber(reference);
  const found = await prisma.paymentIntent.findMany({
    where: {
      OR: [{ reference }, { id: reference }],
      ...(merchant !== undefined && { terminal: { merchant: { name: merchant } } }),
    },
    select: { id: true, terminal: { select: { merchant: { select: { name: true } } } } },
  });
  const names = found.map(({ terminal }) => terminal.merchant.name);
  const [payment] = found;
  if (!payment) throw new OperatorError(`There is no payment with the reference ${reference}.`);
  if (found.length === 1) return { id: payment.id, merchantName: names[0] ?? '' };
  throw new OperatorError(`${names.join(', ')} each have a ${reference}; choose with --merchant.`);
}
