// The five processes from dist/ for tests, on free ports, with databases and a Redis share of their
// own. They end with the test file, even if it is killed.
import { join } from 'node:path';
import { Session } from '../../tools/processes/session.js';
import type { TerminalWithKeys } from '../../tools/stack/terminals.js';
import type { StackSetup } from '../../tools/stack/apps.js';
import { anyPorts } from '../../tools/stack/ports.js';
import { seedMerchant, type SeededMerchant } from '../../tools/stack/seed.js';
import { Stack } from '../../tools/stack/stack.js';
import { createTestDatabase } from './postgres.js';
import { createTestRedis } from './redis.js';

export type { StartedProcess } from '../../tools/processes/session.js';
export type { AppName, StackSetup } from '../../tools/stack/apps.js';
export type { Stack } from '../../tools/stack/stack.js';

/** Differences from `npm start`; see {@link startTestStack}. */
export interface TestStackOptions {
  /** Goes into every app's environment. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Another Redis than the run's, for tests that empty or stop it. */
  readonly redisUrl?: string;
  /** Variables of one app, or another program than that of `dist/`. */
  readonly programOf?: StackSetup['programOf'];
}

/** A running stack that belongs to one test file. */
export interface TestStack {
  readonly stack: Stack;
  readonly setup: StackSetup;
  readonly session: Session;
  readonly merchant: SeededMerchant;
  readonly terminals: readonly TerminalWithKeys[];
  /** Stops every process and drops the databases. Call it in `afterAll`. */
  stop(): Promise<void>;
}

/**
 * Starts the five processes with fresh databases, keys, and a merchant with four terminals at the
 * sandbox. A kill of a process by a test is `stack.process('worker')?.kill()`, a restart
 * `stack.launch('worker')`.
 */
export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const session = new Session();
  const folder = session.temporaryFolder('stack');
  const redis = createTestRedis();
  const [payments, orders] = [await createTestDatabase(), await createTestDatabase('orders')];
  const setup: StackSetup = {
    ports: await anyPorts(),
    databaseUrl: payments.url,
    ordersDatabaseUrl: orders.url,
    redisUrl: options.redisUrl ?? redis.url,
    keyFolder: join(folder, 'keys'),
    logFolder: folder,
    ledgerFile: join(folder, 'sandbox.ndjson'),
    extra: { QUEUE_PREFIX: redis.prefix, ...options.extra },
    ...(options.programOf && { programOf: options.programOf }),
  };
  const stop = async (): Promise<void> => {
    await session.stop();
    await Promise.all([payments.drop(), orders.drop(), redis.clear()]);
  };
  try {
    const stack = await new Stack(session, setup).start();
    const merchant = await seedMerchant(stack, join(folder, 'merchant.json'));
    return { stack, setup, session, merchant, terminals: merchant.terminals, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
