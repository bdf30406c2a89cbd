// `node tools/run.mjs <command> [arguments]`: every `npm run` command of this clone. Plain
// JavaScript, as is what it imports, because it runs before packages are installed; what it loads
// is TypeScript, through tsx.
import { join } from 'node:path';

/**
 * The modules of the commands; each exports a function of the command's name.
 * @type {Readonly<Record<string, string>>}
 */
const COMMANDS = {
  install: './install.mjs',
  start: './commands/start.ts',
  demo: '../test/demo/command.ts',
  test: '../test/command.ts',
  audit: './commands/audit.ts',
  migrate: './commands/databases.ts',
  reset: './commands/databases.ts',
  bench: '../bench/command.ts',
  chaos: '../test/chaos/command.ts',
  fuzz: '../test/fuzz/command.ts',
};
// Each has its own folder below `.data`, and free ports, so that it runs beside `npm start`.
const WITH_OWN_DATA = ['bench', 'chaos', 'fuzz'];

const [name = '', ...args] = process.argv.slice(2);
if (WITH_OWN_DATA.includes(name)) process.env['QUITTANCE_DATA'] ??= join('.data', name);

// Imported now, not above: place.mjs reads QUITTANCE_DATA when it is loaded.
const { install } = await import('./install.mjs');
const { Problem } = await import('./terminal/problem.mjs');

async function run() {
  const module = COMMANDS[name];
  if (module === undefined) {
    const names = Object.keys(COMMANDS).join(', ');
    throw new Problem(`There is no command "${name}"; there are ${names}.`);
  }
  await install();
  if (name === 'install') return 0;
  (await import('tsx/esm/api')).register();
  const { runCommand } = await import('./processes/command.js');
  const command = (await import(module))[name];
  return runCommand(command, args, { interruptIsSuccess: name === 'start' });
}

try {
  process.exit(await run());
} catch (error) {
  const { name: kind, message, stack } = /** @type {Error} */ (error);
  process.stderr.write(`\n${kind.endsWith('Problem') ? message : stack}\n`);
  process.exit(1);
}
