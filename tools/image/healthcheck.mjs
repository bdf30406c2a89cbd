// The image's health check: asks /livez of the app that runs as the container's first process.
import { readFileSync } from 'node:fs';
import { APPS } from '../stack/apps.mjs';

const command = readFileSync('/proc/1/cmdline', 'utf8');
const name = /dist\/apps\/(\w+)\//.exec(command)?.[1];
const app = APPS.find((candidate) => candidate.name === name);
// A one-shot command, such as migrating or the CLI, is healthy as long as it runs.
if (app) {
  const port = process.env[app.portVariable] || app.port;
  const { ok } = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => ({ ok: false }));
  process.exitCode = ok ? 0 : 1;
}
