// Opens a command's connections and closes them after the command. It first asks Postgres for the
// time.
import { identifyByKey, OperatorError } from '@quittance/operations';
import { createPool, PrismaService } from '@quittance/persistence';
import { createLogger, loadConfig } from '@quittance/platform';
import { POSTGRES_DEADLINES, PostgresClock, requireSession } from '@quittance/postgres';
import type { Operator } from './command/operator.js';
import { Output, type Streams } from './command/output.js';
import { cliConfig } from './config.js';

/** The environment and the streams of one run. */
export interface CliHost extends Streams {
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  /** Reads all of stdin. */
  readonly stdin: () => Promise<string>;
  /** True when stderr is a terminal, where a line can be drawn again. */
  readonly isTerminal?: boolean;
}

/** The options that every command has. */
export interface CommonOptions {
  readonly why?: string;
  readonly json?: boolean;
}

/** A command runs its statements one after another; more connections would be idle. */
const CONNECTIONS = 2;
/** No caller waits behind a command, and a person prefers a late answer to none. */
const DEADLINES = { ...POSTGRES_DEADLINES, connectMs: 10_000 };

/** Runs `work` with an operator on the configured database. */
export async function operate(
  host: CliHost,
  options: CommonOptions,
  work: (operator: Operator) => Promise<void>,
): Promise<void> {
  const config = loadConfig(cliConfig, host.env);
  const pool = createPool({
    databaseUrl: config.postgres.databaseUrl.reveal(),
    connections: CONNECTIONS,
    pooler: config.postgres.pooler,
    applicationName: 'quittance-cli',
    onError: () => undefined,
    deadlines: DEADLINES,
  });
  const prisma = new PrismaService(pool);
  const clock = new PostgresClock({ pool, log: createLogger({ name: 'cli', level: 'silent' }) });
  try {
    await requireSession(pool);
    // A command uses the clock of Postgres, like the servers, and not this machine's.
    await clock.read();
    await work({
      prisma,
      pool,
      clock,
      queues: config.redis,
      subscribers: config.events.subscribers,
      withFailedSets: async (use) =>
        (await import('./events/failed-sets.js')).withFailedSets(config.redis, use),
      keys: () => {
        if (config.keys.keySet) return config.keys.keySet.current;
        throw new OperatorError(
          'QUITTANCE_KEYSET is not set; the terminal’s key cannot be encrypted.',
        );
      },
      keyFile: config.keys.keySet?.path,
      ...config.rotation,
      terminalKey: config.terminals.privateKey,
      identify: identifyByKey(config.operators.key),
      why: options.why,
      isWhyRequired: config.operators.isWhyRequired,
      fourEyes: config.fourEyes,
      stdin: host.stdin,
      output: new Output(host, options.json === true),
    });
  } finally {
    await prisma.$disconnect();
    await pool.end();
  }
}
