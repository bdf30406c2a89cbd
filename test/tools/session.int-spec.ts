// The processes that a command starts never outlive it.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, proofOf } from '../../tools/processes/identity.mjs';
import { Session } from '../../tools/processes/session.js';
import { eventually } from '../support/eventually.js';

const IDLE = 'setInterval(() => {}, 1000)';
const STUBBORN =
  'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); process.stdout.write("deaf")';

const COMMAND = `
  import { Session } from './tools/processes/session.js';
  const child = new Session().spawn('child', process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  process.send(child.pid);
  setInterval(() => {}, 1000);
`;

function startCommand(dataFolder: string): { command: ChildProcess; childPid: Promise<number> } {
  const command = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', COMMAND],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, QUITTANCE_DATA: dataFolder },
    },
  );
  const childPid = new Promise<number>((resolve) => {
    command.once('message', (pid) => resolve(Number(pid)));
  });
  return { command, childPid };
}

describe('Session', () => {
  it('ends what it started, and resolves when it is gone', async () => {
    const session = new Session();
    const proof = proofOf(session.spawn('idle', process.execPath, ['-e', IDLE]).pid);
    expect(isAlive(proof)).toBe(true);
    await session.stop();
    expect(isAlive(proof)).toBe(false);
  });

  it('kills a process that does not stop', async () => {
    const session = new Session();
    const folder = mkdtempSync(join(tmpdir(), 'session-'));
    const logFile = join(folder, 'log');
    const options = { logFile, stopLimitMs: 100 };
    const child = session.spawn('stubborn', process.execPath, ['-e', STUBBORN], options);
    await eventually(() => expect(readFileSync(logFile, 'utf8')).toBe('deaf'));
    const proof = proofOf(child.pid);
    expect(isAlive(proof)).toBe(true);
    await session.stop();
    expect(isAlive(proof)).toBe(false);
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL' });
    rmSync(folder, { recursive: true });
  });

  it('starts no process once it is stopping', async () => {
    const session = new Session();
    await session.stop();
    expect(() => session.spawn('late', process.execPath, ['-e', IDLE])).toThrow('stopping');
  });

  it('has its children ended when the command itself is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'session-'));
    const { command, childPid } = startCommand(folder);
    const proof = proofOf(await childPid);
    expect(isAlive(proof)).toBe(true);
    command.kill('SIGKILL');
    await eventually(() => expect(isAlive(proof)).toBe(false));
    await eventually(() => rmSync(folder, { recursive: true }));
  });
});
