// A worker that dies between its fence and its reply leaves an attempt open and a payment that says it is being sent. Whether it
// was, nobody knows: it is in doubt, and is said to be.
import { storeReply } from './reply.mjs';
import { OVERDUE } from './statements.mjs';

const EVERY_MS = 10_000;

async function sweep(database, relay) {
  const { rows } = await database.query({ ...OVERDUE, values: [new Date()] });
  const changes = { status: 'in_doubt', doubt_reason: 'no_reply' };
  for (const row of rows) await storeReply(database, row, changes, { cause: 'sweeper' });
  if (rows.length > 0) relay.poke();
}

/** Sweeps from now on. @param {import('pg').Pool} database @param {import('./relay.mjs').Relay} relay */
export function sweepAttempts(database, relay) {
  const complain = (error) => process.stderr.write(`sweeper: ${error.message}\n`);
  setInterval(() => void sweep(database, relay).catch(complain), EVERY_MS);
}
