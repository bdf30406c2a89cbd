// `node tools/run.mjs <command> [arguments]`: every `npm run` command of this clone. Plain
// JavaScript, as is what it imports, because it runs before packages are installed; what it loads
// is TypeScript, through tsx.
import { join } from 'node:path';

/**
 * Each is a function of its own name in `commands/`, or in `module`. `data` is the command's own
 * folder below `.data`, with ports of its own, so that it can run beside `npm start`.
 * @type {Readonly<Record<string, { module?: string, data?: string,
 *   interruptIsSuccess?: boolean }>>}
 */
const COMMANDS = {
  install: {},
  start: { interruptIsSuccess: true },
  demo: { module: '../test/demo/command.ts' },
  test: {},
  audit: {},
  migrate: { module: './commands/databases.ts' },
  reset: { module: './commands/databases.ts' },
  bench: { module: '../bench/command.ts', data: 'bench' },
  chaos: { module: '../test/chaos/command.ts', data: 'chaos' },
  fuzz: { module: '../test/fuzz/command.ts', data: 'fuzz' },
};

const [name = '', ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (command?.data !== undefined) process.env['QUITTANCE_DATA'] ??= join('.data', command.data);

// Imported now, not above: place.mjs reads QUITTANCE_DATA when it is loaded.
const { install } = await import('./install.mjs');
const { Problem } = await import('./terminal/problem.mjs');

async function run() {
  if (command === undefined) {
    const names = Object.keys(COMMANDS).join(', ');
    throw new Problem(`There is no command "${name}"; there are ${names}.`);
  }
  await install();
  if (name === 'install') return 0;
  const { register } = await import('tsx/esm/api').catch(() => {
    throw new Problem('The packages are not installed. Run npm ci first.');
  });
  register();
  const { runCommand } = await import('./processes/command.js');
  const { module = `./commands/${name}.ts`, interruptIsSuccess } = command;
  return runCommand((await import(module))[name], args, { interruptIsSuccess });
}

try {
  process.exit(await run());
} catch (error) {
  const { name: kind, message, stack } = /** @type {Error} */ (error);
  process.stderr.write(`\n${kind.endsWith('Problem') ? message : stack}\n`);
  process.exit(1);
}
