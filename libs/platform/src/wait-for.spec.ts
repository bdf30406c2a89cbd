import { ConfigError } from './config/config.js';
import { createLogger } from './logging.js';
import { waitFor } from './wait-for.js';

const logged: string[] = [];
const log = createLogger({ name: 'test', destination: { write: (line) => logged.push(line) } });

beforeEach(() => {
  logged.length = 0;
});

/** Fails a number of times with a driver's message, then succeeds. */
function answersAfter(failures: number): () => Promise<void> {
  let left = failures;
  return async () => {
    left -= 1;
    if (left >= 0) {
      throw Object.assign(new Error('connect to postgres://u:hunter2@h'), { code: 'ECONNREFUSED' });
    }
  };
}

describe('waiting', () => {
  it('logs nothing when the dependency is available', async () => {
    await waitFor({ name: 'postgres', check: answersAfter(0), log });
    expect(logged).toEqual([]);
  });

  it('logs rarely what it waits for and why, and the end of the wait, without the error’s text', async () => {
    await waitFor({ name: 'postgres', check: answersAfter(11), log, everyMs: 0 });
    expect(logged.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'waiting for postgres',
      'waiting for postgres',
      'postgres is available',
    ]);
    expect(logged[0]).toContain('ECONNREFUSED');
    expect(logged.join('')).not.toContain('hunter2');
  });

  it('ends at a wrong setting, which no wait changes', async () => {
    const wrong = new ConfigError(['DATABASE_POOLER: wrong']);
    const waiting = waitFor({ name: 'postgres', check: () => Promise.reject(wrong), log });
    await expect(waiting).rejects.toBe(wrong);
    expect(logged).toEqual([]);
  });

  it('ends when its signal aborts', async () => {
    const abort = new AbortController();
    const waiting = waitFor({
      name: 'postgres',
      check: answersAfter(Infinity),
      log,
      everyMs: 0,
      signal: abort.signal,
    });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
