// The servers that the tools start for machines without DATABASE_URL and REDIS_URL.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Session } from '../../tools/processes/session.js';
import { postgresHome } from '../../tools/servers/postgres-home.js';
import { clusterOf, startPostgres } from '../../tools/servers/postgres.js';
import { startRedis } from '../../tools/servers/redis.js';

const START_LIMIT_MS = 60_000;

let session: Session;
beforeEach(() => {
  session = new Session();
});
afterEach(() => session.stop());

it.each([
  ['Postgres', startPostgres],
  ['Redis', startRedis],
])(
  '%s has the same URL after a crash and a restart',
  async (_, start) => {
    const folder = session.temporaryFolder('again');
    const options = { folder, logName: 'test-again', isDurable: false };
    const first = await start(session, options);
    await first.kill();
    const second = await start(session, options);
    expect(second.url).toBe(first.url);
    expect(second.pid).not.toBe(first.pid);
  },
  START_LIMIT_MS,
);

it(
  'Postgres refuses a cluster in use, also one without a pid file',
  async () => {
    const folder = session.temporaryFolder('twice');
    const options = { folder, logName: 'test-twice', isDurable: false };
    await startPostgres(session, options);
    const { programs, as } = await postgresHome();
    const second = promisify(execFile)(
      'sh',
      [
        '-c',
        'rm "$1/postmaster.pid"; exec "$2" -D "$1"',
        'sh',
        clusterOf(folder),
        `${programs}/postgres`,
      ],
      { ...as, cwd: '/' },
    );
    await expect(second).rejects.toMatchObject({
      stderr: expect.stringContaining('shared memory block') as string,
    });
  },
  START_LIMIT_MS,
);

it('a temporary folder goes with the one that it links to', async () => {
  const [link, target] = [session.temporaryFolder('link'), mkdtempSync(join(tmpdir(), 'target-'))];
  rmdirSync(link);
  symlinkSync(target, link);
  await session.stop();
  expect([existsSync(link), existsSync(target)]).toEqual([false, false]);
});
