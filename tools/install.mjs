// The packages of the lock file, for scripts that need nothing else from the tools.
import { runCommand } from './processes/command.mjs';
import { install } from './setup/install.mjs';

await runCommand(install);
