// What a command works with. Opened for one command and closed after it; the database is asked when it is first used.
import { createPool, PrismaService } from '@quittance/persistence';
import { type Clock, createLogger, loadConfig, type Secret } from '@quittance/platform';
import { PostgresClock } from '@quittance/postgres';
import type { KeySet } from '@quittance/vault';
import type { Pool } from 'pg';
import { type CliConfig, cliConfig } from '../config.js';
import { OperatorError } from './operator-error.js';
import type { CliHost } from '../run-cli.js';

/** The operator at work. */
export interface Operator {
  readonly prisma: PrismaService;
  readonly pool: Pool;
  readonly clock: Clock;
  /** Where the subscribers' queues are. `url` is undefined when no Redis is configured. */
  readonly queues: {
    readonly url: Secret<string> | undefined;
    readonly prefix: string;
    readonly subscribers: readonly string[];
  };
  /** Throws when no key set is configured. */
  readonly keys: () => KeySet;
  /** The file of the operator's own key set; undefined where it has none or is not a file. */
  readonly keyFile: string | undefined;
  /** How long after its end a payment may still get a callback, in milliseconds. */
  readonly callbackGraceMs: number;
  /** `TERMINAL_PRIVATE_KEY`. */
  readonly handedKey: Secret<string> | undefined;
  /** Who acts, and why, as they say it; checked by `act`. */
  readonly said: {
    readonly key: Secret<string> | undefined;
    /** `--why`. */
    readonly why: string | undefined;
    readonly isWhyRequired: boolean;
  };
  /** From where on a second person is needed. */
  readonly fourEyes: CliConfig['fourEyes'];
  /** Everything on stdin. */
  readonly stdin: () => Promise<string>;
  /** Writes a result to stdout: what a script reads. */
  readonly print: (text: string) => void;
  /** Writes a remark to stderr: what a person reads. */
  readonly remark: (text: string) => void;
}

/** One command, one after another: more connections would only be opened. */
const CONNECTIONS = 2;

/** Runs `work` with an operator on the configured database. `options` are those that every command has. */
export async function operate(
  host: CliHost,
  options: { readonly why?: string },
  work: (operator: Operator) => Promise<void>,
): Promise<void> {
  const config = loadConfig(cliConfig, host.env);
  const pool = createPool({
    databaseUrl: config.postgres.databaseUrl.reveal(),
    connections: CONNECTIONS,
    applicationName: 'quittance-cli',
    onError: () => undefined,
  });
  const prisma = new PrismaService(pool);
  const clock = new PostgresClock({ pool, log: createLogger({ name: 'cli', level: 'silent' }) });
  try {
    // The answers of a command are judged by the clock of those who serve, and not by this machine's.
    await clock.ask();
    await work({
      prisma,
      pool,
      clock,
      queues: { ...config.redis, subscribers: config.events.subscribers },
      keys: () => {
        if (config.keys.keySet) return config.keys.keySet.current;
        throw new OperatorError(
          'QUITTANCE_KEYSET is not set; the terminal’s key cannot be sealed.',
        );
      },
      keyFile: config.keys.keySet?.path,
      ...config.rotation,
      handedKey: config.terminals.privateKey,
      said: { ...config.operators, why: options.why },
      fourEyes: config.fourEyes,
      stdin: host.stdin,
      print: (text) => host.print(`${text}\n`),
      remark: (text) => host.remark(`${text}\n`),
    });
  } finally {
    await prisma.$disconnect();
    await pool.end();
  }
}
