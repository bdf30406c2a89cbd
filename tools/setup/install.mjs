// `npm ci` when the installed packages are not those of the lock file. npm's own record inside node_modules is compared, so
// a person's own `npm install` counts.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../processes/lock.mjs';
import { root } from '../place.mjs';
import { Problem } from '../terminal/problem.mjs';
import { step } from '../terminal/progress.mjs';

const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * @param {string[]} path below the clone's folder
 * @returns {Record<string, { version?: string, optional?: boolean }> | undefined}
 */
function packagesIn(...path) {
  try {
    return JSON.parse(readFileSync(join(root, ...path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * Whether what is installed is what the lock file names.
 * @param {Record<string, { version?: string, optional?: boolean }> | undefined} locked
 * @param {Record<string, { version?: string }> | undefined} installed npm's record in node_modules
 */
export function isInstalled(locked, installed) {
  if (locked === undefined || installed === undefined) return false;
  const wanted = Object.entries(locked).filter(([path]) => path !== '');
  const known = new Map(wanted);
  // An optional package may be missing: it is made for another platform.
  const allThere = wanted.every(([path, { version, optional }]) =>
    path in installed ? installed[path]?.version === version : optional === true,
  );
  return allThere && Object.keys(installed).every((path) => known.has(path));
}

const upToDate = () =>
  isInstalled(packagesIn('package-lock.json'), packagesIn('node_modules', '.package-lock.json'));

function npmCi() {
  const args = [
    'ci',
    '--include=dev',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  // Under `npm run` npm names itself; that one is used rather than another on the PATH.
  const npm = process.env['npm_execpath'];
  const [program, before] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  return new Promise((resolve, reject) => {
    const options = { cwd: root, maxBuffer: OUTPUT_LIMIT_BYTES };
    const child = execFile(program, [...before, ...args], options, (error, stdout, stderr) => {
      if (error) reject(new Problem(`npm ci failed:\n${stdout}${stderr || error.message}`));
      else resolve(undefined);
    });
    child.stdin?.end();
  });
}

/** Installs the packages of the lock file unless they are there. */
export async function install() {
  if (upToDate()) return;
  await step('packages', async (say) => {
    /** @param {import('../processes/lock.mjs').LockHolder} holder */
    const onWait = ({ pid }) => say(`waiting for process ${pid}, which is installing`);
    await withLock('install', { onWait }, async () => {
      if (upToDate()) return;
      say('installing (npm ci)');
      await npmCi();
    });
    say('installed');
  });
}
