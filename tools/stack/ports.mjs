// The ports of the five processes: told apart before anything is started, so that a busy one stops nothing half-way.
import { freePort, isFree } from '../servers/ports.mjs';
import { Problem } from '../terminal/problem.mjs';
import { APPS, HOST } from './apps.mjs';

function portOf({ name, portVariable, port }, env) {
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
 * @returns {Promise<Record<string, number>>} by app
 * @throws {Problem} naming every busy port and the variable that moves it
 */
export async function usualPorts(env = process.env) {
  const ports = Object.fromEntries(APPS.map((app) => portOf(app, env)));
  const free = await Promise.all(APPS.map(({ name }) => isFree(ports[name], HOST)));
  const busy = APPS.filter((_, index) => !free[index]);
  if (busy.length === 0) return ports;
  const lines = busy.map(({ name, portVariable }) => {
    const port = ports[name];
    return `  Port ${port} (${name}) is busy. Use another: ${portVariable}=${port + 100}`;
  });
  throw new Problem(['Something already listens where the stack wants to:', ...lines].join('\n'));
}

/** A free port for each app, for stacks nobody types the address of. */
export async function anyPorts() {
  const ports = {};
  for (const { name } of APPS) {
    do ports[name] = await freePort();
    while (Object.entries(ports).some(([other, port]) => other !== name && port === ports[name]));
  }
  return ports;
}
