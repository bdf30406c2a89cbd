// The terminal that an operator means.
import { merchantNamed } from '../merchants/merchants.js';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';

/** Options of every command about one terminal. */
export interface Named {
  readonly merchant: string;
}

/** The merchant's terminal of that name. Throws {@link OperatorError} when there is none. */
export async function terminalNamed(operator: Operator, name: string, { merchant }: Named) {
  const { id: merchantId } = await merchantNamed(operator, merchant);
  const terminal = await operator.prisma.terminal.findUnique({
    where: { merchantId_name: { merchantId, name } },
    select: { id: true },
  });
  if (terminal) return terminal;
  throw new OperatorError(`"${merchant}" has no terminal "${name}"; see "terminals list".`);
}
