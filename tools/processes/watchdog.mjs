// Waits for the command that started it to end, however it ends (its end of the pipe closes even on
// `kill -9`), then ends the processes that command left running. Started by session.mjs in a
// session of its own, so nothing takes both down.
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, processIdentity } from './identity.mjs';
import { endLeftovers } from './leftovers.mjs';

const POLL_MS = 50;
const owner = { pid: Number(process.argv[2]), identity: processIdentity(Number(process.argv[2])) };

const record = process.argv[3] ?? '';

async function endWhatIsLeft() {
  // The pipe closes a moment before the kernel has taken the owner away.
  while (isAlive(owner)) await pause(POLL_MS);
  await endLeftovers(record);
}

for (const name of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(name, () => {});
process.stdin.resume();
process.stdin.on('end', () => void endWhatIsLeft());
