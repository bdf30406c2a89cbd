// `npm run chaos`: breaks things on purpose and asks the gateway's ledger and the order domain what became of the payments.
// It keeps to a folder and ports of its own, so it can run beside `npm start`.
import { join } from 'node:path';

// Read when tools/place.mjs is loaded, which is why everything below is imported afterwards.
process.env.QUITTANCE_DATA ??= join('.data', 'chaos');

const { chaosCommand } = await import('../test/chaos/command.mjs');
const { runCommand } = await import('./processes/command.mjs');

await runCommand((session) => chaosCommand(session, process.argv.slice(2)));
