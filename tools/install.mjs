// `npm ci` if the installed packages are not those of the lock file. npm's own record inside
// node_modules is compared, so a person's own `npm install` counts.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readJson } from './json.mjs';
import { root } from './place.mjs';
import { withLock } from './processes/lock.mjs';
import { Problem } from './terminal/problem.mjs';
import { step } from './terminal/progress.mjs';

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages by path */

const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;
const CI = 'ci --include=dev --prefer-offline --no-audit --no-fund --loglevel=error'.split(' ');

/** @type {(file: string) => Packages | undefined} */
const packagesIn = (file) => readJson(join(root, file))?.packages;

/**
 * True when the installed packages are those that the lock file names.
 * @param {Packages | undefined} locked
 * @param {Packages | undefined} installed npm's record in node_modules
 */
export function isInstalled(locked, installed) {
  if (locked === undefined || installed === undefined) return false;
  const wanted = Object.entries(locked).filter(([path]) => path !== '');
  // An optional package may be missing: it is made for another platform.
  const allThere = wanted.every(([path, { version, optional }]) =>
    path in installed ? installed[path]?.version === version : optional === true,
  );
  return allThere && Object.keys(installed).every((path) => path !== '' && path in locked);
}

const upToDate = () =>
  isInstalled(packagesIn('package-lock.json'), packagesIn('node_modules/.package-lock.json'));

/**
 * Runs npm. Under `npm run` npm names itself; that one is used rather than another on the PATH.
 * @param {string[]} args
 */
export function npm(args, timeout = 0) {
  const own = process.env['npm_execpath'];
  const [program, before] = own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []];
  const options = { cwd: root, maxBuffer: OUTPUT_LIMIT_BYTES, timeout };
  const running = promisify(execFile)(program, [...before, ...args], options);
  running.child.stdin?.end();
  return running;
}

/** Installs the packages of the lock file unless they are there. */
export async function install() {
  if (upToDate()) return;
  await step('packages', (say) =>
    withLock('install', say, async () => {
      if (!upToDate()) {
        say('installing (npm ci)');
        await npm(CI).catch(({ stdout, stderr, message }) => {
          throw new Problem(`npm ci failed:\n${stdout}${stderr || message}`);
        });
      }
      say('installed');
    }),
  );
}
