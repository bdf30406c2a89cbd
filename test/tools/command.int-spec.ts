// The end of a command that is interrupted or fails.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { eventually } from '../support/eventually.js';

type Command = ChildProcessByStdio<null, Readable, Readable>;

let folder: string;

/** Takes a moment to stop and writes a file about it. */
const CAREFUL = `
  process.on('SIGTERM', () => setTimeout(() => { console.log('ended well'); process.exit(); }, 200));
  setInterval(() => {}, 1000);
  console.log('up');
`;
const INTERRUPTIBLE = `
  import { runCommand } from './tools/processes/command.ts';
  process.exit(await runCommand(async (session) => {
    session.spawn('careful', process.execPath, ['-e', process.env.CAREFUL], { logFile: process.env.LOG });
    await new Promise(() => {});
  }, []));
`;

function start(args: readonly string[]): Command {
  return spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, QUITTANCE_DATA: folder, LOG: join(folder, 'log'), CAREFUL },
  });
}

const ended = (command: Command): Promise<number | null> =>
  new Promise((resolve) => {
    command.once('exit', resolve);
  });

const log = (): string => readFileSync(join(folder, 'log'), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-'));
});

afterEach(() => eventually(() => rmSync(folder, { recursive: true })));

describe('runCommand', () => {
  it('stops its processes in order on a signal, also on a second one', async () => {
    const command = start(['--import', 'tsx', '--input-type=module', '-e', INTERRUPTIBLE]);
    await eventually(() => expect(log()).toBe('up\n'));
    command.kill('SIGINT');
    command.kill('SIGTERM');
    expect(await ended(command)).toBeGreaterThan(128);
    expect(log()).toBe('up\nended well\n');
  });

  it('reports an expected problem without a stack trace', async () => {
    const command = start(['tools/run.mjs', 'reboot']);
    const [exitCode, said] = await Promise.all([ended(command), text(command.stderr)]);
    expect(exitCode).toBe(1);
    expect(said.trim()).toMatch(/^There is no command "reboot"; there are install, .+\.$/);
  });
});
