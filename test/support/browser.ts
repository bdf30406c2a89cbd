// A real browser for tests: the machine's Chromium or Chrome, or Debian's, which is installed where
// root may.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { canInstallPackages, installPackage } from '../../tools/servers/debian-package.js';

const PROGRAMS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const CHOICES = `A browser is needed, and there is none to use. Install Chromium (Debian: sudo apt-get install chromium), or set CHROMIUM to the path of one.`;

const findBrowser = (): string | undefined => process.env['CHROMIUM'] ?? PROGRAMS.find(existsSync);

/**
 * Starts a browser without a window. Each of `hosts` leads to 127.0.0.1, on every port, so that a
 * test can have two sites.
 */
export async function startBrowser(hosts: readonly string[] = []): Promise<Browser> {
  if (!findBrowser() && canInstallPackages()) await installPackage('chromium', CHOICES);
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error(CHOICES);
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1`).join(',');
  return chromium.launch({
    executablePath,
    args: [
      // Chromium's sandbox refuses to run as root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-quic',
      `--host-resolver-rules=${rules}`,
    ],
  });
}
