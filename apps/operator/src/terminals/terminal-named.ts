// The terminal that an operator means.
import { InvariantViolation } from '@quittance/platform';
import type { PoolClient } from 'pg';
import { merchantNamed } from '../merchants/merchants.js';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '../command/operator-error.js';

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

/** What commands change of a terminal, in the database's words. */
export interface ChangeableTerminal {
  readonly inquiry: 'trans_id' | 'reference' | 'probe';
  readonly absent_after_ms: number | null;
  readonly paused_reason: string | null;
  readonly lane: string;
}

/** Reads the terminal and keeps everybody else from changing it until the transaction ends. */
export async function lockTerminal(client: PoolClient, id: string): Promise<ChangeableTerminal> {
  const { rows } = await client.query<ChangeableTerminal>(
    `SELECT inquiry, absent_after_ms::float8 AS absent_after_ms, paused_reason, lane FROM terminals WHERE id = $1 FOR UPDATE`,
    [id],
  );
  const [terminal] = rows;
  if (terminal) return terminal;
  throw new InvariantViolation('terminal_vanished', `terminal ${id} is gone`);
}
