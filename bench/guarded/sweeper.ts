// A worker that dies between its fence and its reply leaves an attempt open and a payment that is
// `submitting`. No process knows whether the request was sent, so the sweeper puts the payment in doubt.
import type { Pool } from 'pg';
import type { Row } from './payment.js';
import type { Relay } from './relay.js';
import { storeReply } from './reply.js';
import { OVERDUE } from './statements.js';

const EVERY_MS = 10_000;

async function sweep(database: Pool, relay: Relay): Promise<void> {
  const { rows } = await database.query<Row>({ ...OVERDUE, values: [new Date()] });
  const changes = { status: 'in_doubt', doubt_reason: 'no_reply' };
  for (const row of rows) await storeReply(database, row, changes, { cause: 'sweeper' });
  if (rows.length > 0) relay.poke();
}

/** Sweeps from now on. */
export function sweepAttempts(database: Pool, relay: Relay): void {
  const complain = (error: Error) => process.stderr.write(`sweeper: ${error.message}\n`);
  setInterval(() => void sweep(database, relay).catch(complain), EVERY_MS);
}
