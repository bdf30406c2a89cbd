// Free ports on 127.0.0.1.
import { createServer, type AddressInfo } from 'node:net';

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });
}

/** A free port: the preferred one if it is free, else one that the system chooses. */
export const freePort = (preferred = 0): Promise<number> =>
  listenOnce(preferred).catch(() => listenOnce(0));

/** True when the port is free. */
export const isFree = async (port: number): Promise<boolean> => (await freePort(port)) === port;
