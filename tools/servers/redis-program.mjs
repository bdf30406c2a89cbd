// Finds a Redis to start, or installs Debian's when root may. No npm package carries a Redis binary.
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../terminal/problem.mjs';

const NAMES = ['redis-server', 'valkey-server'];
const POLICY = '/usr/sbin/policy-rc.d';

const CHOICES = `Redis is needed, and there is none to use. Choose one:
  - set REDIS_URL, for example redis://127.0.0.1:6379
  - install redis-server or valkey-server so that it is on the PATH
      Debian, Ubuntu   sudo apt-get install redis-server
      Fedora           sudo dnf install valkey
      macOS            brew install redis
  - run it in a container: docker run --rm -p 6379:6379 redis:7 --appendonly yes --maxmemory-policy noeviction
    and set REDIS_URL=redis://127.0.0.1:6379`;

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function onPath() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isExecutable);
}

/** Keeps Debian's package from starting a service of its own on port 6379. */
async function withoutServices(work) {
  if (existsSync(POLICY)) return work();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    rmSync(POLICY, { force: true });
  }
}

async function installDebianPackage() {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => promisify(execFile)('apt-get', ['-q', '-y', ...args], { env });
  try {
    await apt('update');
    await withoutServices(() => apt('install', '--no-install-recommends', 'redis-server'));
  } catch (error) {
    throw new Problem(
      `apt-get could not install redis-server:\n${error.stderr ?? error.message}\n\n${CHOICES}`,
    );
  }
  // Where systemd runs, the package asks to be started at the next boot; nobody wanted that.
  if (existsSync('/run/systemd/system')) {
    await promisify(execFile)('systemctl', ['disable', 'redis-server']).catch(() => {});
  }
}

/**
 * Path of a Redis server program.
 * @param {{ mayInstall: boolean, say: (detail: string) => void }} options
 * @returns {Promise<string>} a Problem listing the choices when there is none
 */
export async function redisProgram({ mayInstall, say }) {
  const present = onPath();
  if (present !== undefined) return present;
  if (!mayInstall || process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get'))
    throw new Problem(CHOICES);
  say('installing redis-server with apt-get');
  await installDebianPackage();
  const installed = onPath() ?? ['/usr/bin/redis-server'].find(isExecutable);
  if (installed === undefined) throw new Problem(CHOICES);
  return installed;
}
