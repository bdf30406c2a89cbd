// Programs of the image that run beside the apps and end:
// `node dist/apps/deploy/src/main.js migrate|compose-env|health-check`.
import { composeEnv } from './compose-env.js';
import { healthCheck } from './health-check.js';
import { migrateAndGrant } from './migrate.js';

const PROGRAMS: Readonly<Record<string, (env: NodeJS.ProcessEnv) => Promise<number>>> = {
  migrate: migrateAndGrant,
  'compose-env': composeEnv,
  'health-check': healthCheck,
};

const program = PROGRAMS[process.argv[2] ?? ''];
if (program === undefined) {
  process.stderr.write(`Name one of: ${Object.keys(PROGRAMS).join(', ')}.\n`);
  process.exitCode = 2;
} else process.exitCode = await program(process.env);
