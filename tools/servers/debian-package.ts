// Installs a Debian package where root may, for programs that no npm package carries.
import { execFile } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Problem } from '../terminal/problem.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
const run = (program: string, ...args: string[]) => promisify(execFile)(program, args, { env });

export const canInstallPackages = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

/**
 * Installs a package, and starts no service of it.
 * @throws {Problem} with apt's words and `choices`
 */
export async function installPackage(name: string, choices: string): Promise<void> {
  // Without it, Redis would take port 6379 at once, and with systemd at the next boot too.
  const isOurPolicy = !existsSync(POLICY);
  try {
    await run('apt-get', '-q', '-y', 'update');
    if (isOurPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    await run('apt-get', '-q', '-y', 'install', '--no-install-recommends', name);
    if (existsSync('/run/systemd/system')) await run('systemctl', 'disable', name).catch(() => {});
  } catch (error) {
    const reason = (error as { stderr?: string }).stderr || String(error);
    throw new Problem(`apt-get could not install ${name}:\n${reason}\n\n${choices}`);
  } finally {
    if (isOurPolicy) rmSync(POLICY, { force: true });
  }
}
