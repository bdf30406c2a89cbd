// Free ports on 127.0.0.1.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ranges that Linux (32768 and up) and macOS (49152 and up) take the near ends of
 * connections from: a port of those can be lost between this choice and the server's start.
 */
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
  if (preferred !== 0 && (await isFree(preferred))) return preferred;
  for (;;) {
    const port = randomInt(CHOICE.first, CHOICE.last);
    if (await isFree(port)) return port;
  }
}
