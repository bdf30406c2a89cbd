// The operator's command line: `quittance <command>`.
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { runCli } from './run-cli.js';

// Relative to the compiled program, dist/apps/operator/src/main.js.
const manifest = new URL('../../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  version,
  stdin: () => text(process.stdin),
  print: (output) => void process.stdout.write(output),
  isTerminal: process.stderr.isTTY,
  remark: (words) => void process.stderr.write(words),
});
