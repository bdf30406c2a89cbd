// The ports of the five processes: checked before anything is started, so that a busy one stops
// nothing half-way.
import { freePort, isFree } from '../servers/ports.js';
import { Problem } from '../terminal/problem.mjs';
import { APP_PORTS } from '../../apps/deploy/src/app-ports.js';
import { APPS, type AppName } from './apps.js';

/** The port that each app listens on. */
export type Ports = Record<AppName, number>;

function portOf(name: AppName): number {
  const { variable, preset } = APP_PORTS[name];
  const port = Number(process.env[variable] || preset);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new Problem(`${variable} must be a port number from 1 to 65535.`);
}

/**
 * The ports the environment names, else the usual ones.
 * @throws {Problem} naming every busy port and the variable that moves it
 */
export async function usualPorts(): Promise<Ports> {
  const ports = Object.fromEntries(APPS.map(({ name }) => [name, portOf(name)])) as Ports;
  const free = await Promise.all(APPS.map(({ name }) => isFree(ports[name])));
  const busy = APPS.filter((_, at) => !free[at]).map(
    ({ name }) =>
      `  Port ${ports[name]} (${name}) is busy. Use another: ${APP_PORTS[name].variable}=${ports[name] + 100}`,
  );
  if (busy.length === 0) return ports;
  throw new Problem(['Something already listens where the stack wants to:', ...busy].join('\n'));
}

/** A free port for each app, for stacks whose addresses no person types. */
export async function anyPorts(): Promise<Ports> {
  const free = new Set<number>();
  while (free.size < APPS.length) free.add(await freePort());
  return Object.fromEntries([...free].map((port, at) => [APPS[at]?.name, port])) as Ports;
}
