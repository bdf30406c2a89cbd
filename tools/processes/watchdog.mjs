// Waits for the command that started it to end, however it ends (its end of the pipe closes even on
// `kill -9`), then ends the processes that command left running. Plain JavaScript, because tsx
// would cost every command a third of a second more. Started by session.ts in a session of its own,
// so nothing takes both down.
import { once } from 'node:events';
import { endRecorded } from './leftovers.mjs';

for (const name of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(name, () => {});
await once(process.stdin.resume(), 'end');
await endRecorded(process.argv[2] ?? '');
