// Finds the terminal that an operator names.
import { findMerchant } from '../merchants/merchants.js';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';

/** The option that every command about a terminal has. */
export interface MerchantOption {
  readonly merchant: string;
}

/**
 * Returns the merchant's terminal with this name. Throws {@link OperatorError} when there is none.
 */
export async function findTerminal(operator: Operator, name: string, { merchant }: MerchantOption) {
  const { id: merchantId } = await findMerchant(operator, merchant);
  const terminal = await operator.prisma.terminal.findUnique({
    where: { merchantId_name: { merchantId, name } },
    select: { id: true },
  });
  if (terminal) return terminal;
  throw new OperatorError(`"${merchant}" has no terminal "${name}"; see "terminals list".`);
}
