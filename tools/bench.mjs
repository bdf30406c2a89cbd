// `npm run bench`: how fast Quittance is, and at what cost, beside the same work done plainly (bench/bare). It keeps to a
// folder and ports of its own, so it can run beside `npm start`.
import { join } from 'node:path';

// Read when tools/place.mjs is loaded, which is why everything below is imported afterwards.
process.env.QUITTANCE_DATA ??= join('.data', 'bench');

const { benchCommand } = await import('../bench/command.mjs');
const { runCommand } = await import('./processes/command.mjs');

await runCommand((session) => benchCommand(session, process.argv.slice(2)));
