// What a command works with. Opened for one command and closed after it; the database is asked when it is first used.
import { createPool, PrismaService } from '@quittance/persistence';
import { type Clock, loadConfig, systemClock } from '@quittance/platform';
import type { KeySet } from '@quittance/vault';
import type { Pool } from 'pg';
import { cliConfig } from './config.js';
import { OperatorError } from './operator-error.js';

/** The operator at work. */
export interface Operator {
  readonly prisma: PrismaService;
  readonly pool: Pool;
  readonly clock: Clock;
  /** Throws when no key set is configured. */
  readonly keys: () => KeySet;
  /** Writes a result to stdout: what a script reads. */
  readonly print: (text: string) => void;
  /** Writes a remark to stderr: what a person reads. */
  readonly remark: (text: string) => void;
}

/** One command, one after another: more connections would only be opened. */
const CONNECTIONS = 2;

/** Runs `work` with an operator on the configured database. */
export async function operate(
  env: NodeJS.ProcessEnv,
  work: (operator: Operator) => Promise<void>,
): Promise<void> {
  const config = loadConfig(cliConfig, env);
  const pool = createPool({
    databaseUrl: config.postgres.databaseUrl.reveal(),
    connections: CONNECTIONS,
    applicationName: 'quittance-cli',
    onError: () => undefined,
  });
  const prisma = new PrismaService(pool);
  try {
    await work({
      prisma,
      pool,
      clock: systemClock,
      keys: () => {
        if (config.keys.keySet) return config.keys.keySet;
        throw new OperatorError(
          'QUITTANCE_KEYSET is not set; the terminal’s key cannot be sealed.',
        );
      },
      print: (text) => void process.stdout.write(`${text}\n`),
      remark: (text) => void process.stderr.write(`${text}\n`),
    });
  } finally {
    await prisma.$disconnect();
    await pool.end();
  }
}
