// `node tools/run.mjs <command> [arguments]`: every `npm run` command of this clone. Plain
// JavaScript, as is what it imports, because it runs before packages are installed; what it starts
// is TypeScript, loaded through tsx.
import { join } from 'node:path';

/**
 * A command: given what it starts processes with and the arguments after its name; its result is the exit code, 0 by default.
 * @typedef {(session: import('./processes/session.mjs').Session, args: string[]) => Promise<number | void>} Command
 */

/**
 * Each is a function of its own name in `commands/`, or in `module`. `data` is the command's own folder below `.data`, with ports of
 * its own, so that it can run beside `npm start`. `isQuiet` commands print their result alone, so they do not install either.
 * @type {Readonly<Record<string, { module?: string, data?: string, isQuiet?: boolean, interruptIsSuccess?: boolean }>>}
 */
const COMMANDS = {
  install: {},
  start: { interruptIsSuccess: true },
  demo: {},
  test: {},
  audit: {},
  migrate: {},
  reset: {},
  quittance: { isQuiet: true },
  bench: { module: '../bench/command.ts', data: 'bench' },
  chaos: { module: '../test/chaos/command.mjs', data: 'chaos' },
  fuzz: { module: '../test/fuzz/command.mjs', data: 'fuzz' },
};

const [name = '', ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (command?.data !== undefined) process.env['QUITTANCE_DATA'] ??= join('.data', command.data);

// Imported now, not above: place.mjs reads QUITTANCE_DATA when it is loaded.
const { runCommand } = await import('./processes/command.mjs');
const { install } = await import('./setup/install.mjs');
const { Problem } = await import('./terminal/problem.mjs');

/** @returns {Promise<Command>} */
async function load({ module = `./commands/${name}.ts` }) {
  const { register } = await import('tsx/esm/api').catch(() => {
    throw new Problem('The packages are not installed. Run npm ci first.');
  });
  register();
  return (await import(module))[name];
}

await runCommand(
  async (session) => {
    if (command === undefined)
      throw new Problem(
        `There is no command "${name}"; there are ${Object.keys(COMMANDS).join(', ')}.`,
      );
    if (!command.isQuiet) await install();
    if (name === 'install') return;
    return (await load(command))(session, args);
  },
  { interruptIsSuccess: command?.interruptIsSuccess ?? false },
);
