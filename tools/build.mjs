// `npm run build`: Prisma's client and dist/, unless they are up to date.
import { runCommand } from './processes/command.mjs';
import { buildAll } from './setup/build.mjs';

await runCommand(buildAll);
