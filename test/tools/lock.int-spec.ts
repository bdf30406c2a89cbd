import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataPath } from '../../tools/place.mjs';
import { tryLock, withLock } from '../../tools/processes/lock.mjs';
import { eventually } from '../support/eventually.js';

const name = `test-${process.pid}`;
const HOLD = `
  import { tryLock } from './tools/processes/lock.mjs';
  const { release } = tryLock('${name}', 'holding');
  process.send(release !== undefined);
  setInterval(() => {}, 1000);
`;

const ignore = (): void => {};

/** Another process that tries to take the lock and stays. */
async function lockElsewhere(): Promise<{ isHolder: boolean; kill: () => void }> {
  const other = spawn(process.execPath, ['--input-type=module', '-e', HOLD], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const isHolder = await new Promise<boolean>((resolve) => {
    other.once('message', (taken) => resolve(Boolean(taken)));
  });
  return { isHolder, kill: () => other.kill('SIGKILL') };
}

describe('tryLock', () => {
  it('is refused, with the name of the holder, while another process has it', async () => {
    const { kill } = await lockElsewhere();
    expect(tryLock(name).holder).toMatchObject({ purpose: 'holding' });
    kill();
    const taken = await eventually(() => {
      const { release } = tryLock(name);
      if (release === undefined) throw new Error('still held');
      return release;
    });
    taken();
  });

  it('is taken over by only one of many when the holder was killed', async () => {
    const { kill } = await lockElsewhere();
    kill();
    const others = await Promise.all(Array.from({ length: 6 }, lockElsewhere));
    for (const other of others) other.kill();
    expect(others.filter(({ isHolder }) => isHolder)).toHaveLength(1);
  });
});

describe('withLock', () => {
  it('waits for the holder, and continues when the holder was killed', async () => {
    const { kill } = await lockElsewhere();
    const said: string[] = [];
    const say = (detail: string): void => {
      said.push(detail);
      kill();
    };
    expect(await withLock(name, say, async () => 'done')).toBe('done');
    expect(said).toEqual([expect.stringMatching(/^waiting for process \d+ \(holding\)$/)]);
    expect(tryLock(name).release).toBeInstanceOf(Function);
    rmSync(join(dataPath('run'), `${name}.lock`), { recursive: true });
  });

  it('releases it when the work fails', async () => {
    await expect(withLock(name, ignore, () => Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
    expect(await withLock(name, ignore, async () => 'free')).toBe('free');
  });
});
