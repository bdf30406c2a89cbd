// Free ports on 127.0.0.1.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports of connections (Linux 32768, macOS 49152), which would take one meanwhile. */
const CHOICE = { first: 15_000, last: 32_000 };

/** True when the port is free. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}

/** A free port: the preferred one if it is free, else any. */
export async function freePort(preferred = 0): Promise<number> {
  let port = preferred;
  while (port === 0 || !(await isFree(port))) port = randomInt(CHOICE.first, CHOICE.last);
  return port;
}
