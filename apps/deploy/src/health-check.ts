import { readFileSync } from 'node:fs';
import { APP_PORTS } from './app-ports.js';

/**
 * The image's health check: asks `/livez` of the app that runs as the container's first process. A
 * program that ends, such as a migration or the CLI, is healthy as long as it runs.
 */
export async function healthCheck(env: NodeJS.ProcessEnv): Promise<number> {
  const command = readFileSync('/proc/1/cmdline', 'utf8');
  const app = Object.entries(APP_PORTS).find(([name]) => command.includes(`dist/apps/${name}/`));
  if (app === undefined) return 0;
  const [, { variable, preset }] = app;
  const port = env[variable] || preset;
  const { ok } = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => ({ ok: false }));
  return ok ? 0 : 1;
}
