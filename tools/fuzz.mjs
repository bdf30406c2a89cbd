// `npm run fuzz`: bad requests and bad callbacks by the ten thousand against the running processes. It keeps to a folder and ports
// of its own, so it can run beside `npm start`.
import { join } from 'node:path';

// Read when tools/place.mjs is loaded, which is why everything below is imported afterwards.
process.env.QUITTANCE_DATA ??= join('.data', 'fuzz');

const { fuzzCommand } = await import('../test/fuzz/command.mjs');
const { runCommand } = await import('./processes/command.mjs');

await runCommand((session) => fuzzCommand(session, process.argv.slice(2)));
