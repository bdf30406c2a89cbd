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
  const busy: string[] = [];
  for (const { name } of APPS) {
    const [port, { variable }] = [ports[name], APP_PORTS[name]];
    if (!(await isFree(port)))
      busy.push(`  Port ${port} (${name}) is busy. Use another: ${variable}=${port + 100}`);
  }
  if (busy.length === 0) return ports;
  throw new Problem(['Something already listens where the stack wants to:', ...busy].join('\n'));
}

/** A free port for each app, for stacks whose addresses no person types. */
export async function anyPorts(): Promise<Ports> {
  const free = new Set<number>();
  while (free.size < APPS.length) free.add(await freePort());
  const ports = [...free];
  return Object.fromEntries(APPS.map(({ name }, index) => [name, ports[index]])) as Ports;
}
