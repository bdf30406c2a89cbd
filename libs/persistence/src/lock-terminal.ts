// Locks a terminal that an operator is about to change. SQL: Prisma has no FOR UPDATE.
import { InvariantViolation } from '@quittance/platform';
import type { PrismaTransaction } from './prisma.service.js';

/** The changeable fields of a terminal, in the database's names. */
export interface ChangeableTerminal {
  readonly inquiry: 'trans_id' | 'reference' | 'probe';
  readonly absent_after_ms: number | null;
  readonly paused_reason: string | null;
  readonly lane: string;
}

/** Reads the terminal and locks it against changes until the transaction ends. */
export async function lockTerminal(tx: PrismaTransaction, id: string): Promise<ChangeableTerminal> {
  const [terminal] = await tx.$queryRaw<ChangeableTerminal[]>`
    SELECT inquiry::text, absent_after_ms::float8, paused_reason, lane FROM terminals WHERE id = ${id} FOR UPDATE`;
  if (terminal) return terminal;
  throw new InvariantViolation('terminal_vanished', `terminal ${id} is gone`);
}
