// The operator's command line: `quittance <command>`.
import { text } from 'node:stream/consumers';
import { runCli } from './run-cli.js';

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  stdin: () => text(process.stdin),
  print: (output) => void process.stdout.write(output),
  remark: (words) => void process.stderr.write(words),
});
