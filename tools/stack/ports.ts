// The ports of the five processes: checked before anything is started, so that a busy one stops
// nothing half-way.
import { freePort, isFree } from '../servers/ports.js';
import { Problem } from '../terminal/problem.mjs';
import { APPS, HOST, type App, type AppName } from './apps.mjs';

/** The port that each app listens on. */
export type Ports = Record<AppName, number>;

function portOf({ name, portVariable, port }: App, env: NodeJS.ProcessEnv): [AppName, number] {
  const text = env[portVariable];
  if (text === undefined || text === '') return [name, port];
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) {
    throw new Problem(`${portVariable} must be a port number from 1 to 65535.`);
  }
  return [name, number];
}

/**
 * The ports the environment names, else the usual ones.
 * @throws {Problem} naming every busy port and the variable that moves it
 */
export async function usualPorts(env = process.env): Promise<Ports> {
  const ports = Object.fromEntries(APPS.map((app) => portOf(app, env))) as Ports;
  const free = await Promise.all(APPS.map(({ name }) => isFree(ports[name], HOST)));
  const busy = APPS.filter((_, index) => !free[index]);
  if (busy.length === 0) return ports;
  const lines = busy.map(({ name, portVariable }) => {
    const port = ports[name];
    return `  Port ${port} (${name}) is busy. Use another: ${portVariable}=${port + 100}`;
  });
  throw new Problem(['Something already listens where the stack wants to:', ...lines].join('\n'));
}

/** A free port for each app, for stacks whose addresses no person types. */
export async function anyPorts(): Promise<Ports> {
  const free = new Set<number>();
  while (free.size < APPS.length) free.add(await freePort());
  const ports = [...free];
  return Object.fromEntries(APPS.map(({ name }, index) => [name, ports[index]])) as Ports;
}
