// The two ends of a server's life: opening its port, and stopping in order when it is told to.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { StartFailure } from '../config/run-main.js';
import type { Logger } from '../logging.js';

/** Where to listen; `portVariable` is the setting a person changes when the port is busy. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly portVariable: string;
  readonly logger: Logger;
}

/** Opens the port and returns the base URL. Throws {@link StartFailure} when the port cannot be had. */
export async function listen(app: NestFastifyApplication, options: ListenOptions): Promise<string> {
  const { host, port, portVariable, logger } = options;
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw explained(error, `${host}:${port}`, portVariable);
  }
  const url = await app.getUrl();
  logger.info({ url }, 'listening');
  return url;
}

function explained(error: unknown, address: string, portVariable: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = typeof code === 'string' ? PORT_FAULTS[code] : undefined;
  if (reason === undefined) return error;
  return new StartFailure(`${address} ${reason}. Set ${portVariable} to another port.`);
}

const PORT_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be used by this user',
};

/** How a process stops. */
export interface StopOptions {
  readonly logger: Logger;
  /** Longest time for the whole stop, in milliseconds. Default 25 s, below the usual 30 s before SIGKILL. */
  readonly limitMs?: number;
}

const STOP_LIMIT_MS = 25_000;

/**
 * Stops the app in order on SIGTERM or SIGINT and exits 0; exits 1 when that fails or takes longer than the
 * limit, and at once on a second signal. Call it once per process, from `main`.
 */
export function stopOnSignals(
  app: { close(): Promise<void> },
  { logger, limitMs = STOP_LIMIT_MS }: StopOptions,
): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    logger.info({ signal }, 'stopping');
    const limit = setTimeout(() => {
      logger.error({ limitMs }, 'stop took too long');
      process.exit(1);
    }, limitMs);
    app.close().then(
      () => {
        clearTimeout(limit);
        logger.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'stop failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
