// Opens a server's port. If that fails, the error names the setting to change.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { StartFailure, errorCodeOf, type Logger } from '@quittance/platform';

/**
 * The address to listen on. `portVariable` is the setting that a person changes when the port is in
 * use.
 */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly portVariable: string;
  readonly logger: Logger;
}

/**
 * Opens the port and returns the base URL. Throws {@link StartFailure} when the port cannot be
 * opened.
 */
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
  const reason = PORT_FAULTS[errorCodeOf(error) ?? ''];
  if (reason === undefined) return error;
  return new StartFailure(`${address} ${reason}. Set ${portVariable} to another port.`);
}

const PORT_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be used by this user',
};
