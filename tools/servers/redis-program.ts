// Finds a Redis to start, or installs Debian's when root may. No npm package carries a Redis
// binary.
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { outputOf } from '../processes/output.js';
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

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function onPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isExecutable);
}

/** Keeps Debian's package from starting a service of its own on port 6379. */
async function withoutServices<T>(work: () => Promise<T>): Promise<T> {
  if (existsSync(POLICY)) return work();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    rmSync(POLICY, { force: true });
  }
}

async function installDebianPackage(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => promisify(execFile)('apt-get', ['-q', '-y', ...args], { env });
  try {
    await apt('update');
    await withoutServices(() => apt('install', '--no-install-recommends', 'redis-server'));
  } catch (error) {
    throw new Problem(`apt-get could not install redis-server:\n${outputOf(error)}\n\n${CHOICES}`);
  }
  // Where systemd runs, the package asks to be started at the next boot, which was not asked for.
  if (existsSync('/run/systemd/system')) {
    await promisify(execFile)('systemctl', ['disable', 'redis-server']).catch(() => {});
  }
}

/** Path of a Redis server program; a Problem that lists the choices when there is none. */
export async function redisProgram({
  mayInstall,
  say,
}: {
  readonly mayInstall: boolean;
  readonly say: (detail: string) => void;
}): Promise<string> {
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
