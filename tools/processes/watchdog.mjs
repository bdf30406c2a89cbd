// Waits for the command that started it to end, however it ends (its end of the pipe closes even on
// `kill -9`), then ends the processes that command left running. Plain JavaScript, because tsx
// would cost every command a third of a second more. Started by session.ts in a session of its own,
// so nothing takes both down.
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, proofOf } from './identity.mjs';
import { endLeftovers } from './leftovers.mjs';

const [, , pid, record = ''] = process.argv;
const owner = proofOf(Number(pid));

for (const name of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(name, () => {});
await once(process.stdin.resume(), 'end');
// The pipe closes a moment before the kernel has taken the owner away.
while (isAlive(owner)) await pause(50);
await endLeftovers(record);
