import { ConfigError } from '../config/config.js';
import { runMain, StartFailure, type StartHost } from './run-main.js';

class FakeHost implements StartHost {
  text = '';
  env: Record<string, string> = {};
  code: number | undefined;
  readonly stderr = { write: (text: string) => (this.text += text) };

  exit(code: number): void {
    this.code = code;
  }
}

async function failWith(error: unknown): Promise<FakeHost> {
  const host = new FakeHost();
  await runMain(() => Promise.reject(error), host);
  return host;
}

describe('a start', () => {
  it('exits 78 and prints every problem when the settings are wrong', async () => {
    const host = await failWith(new ConfigError(['A is not set', 'B does not fit']));
    expect(host.code).toBe(78);
    expect(host.text).toContain('A is not set\n');
    expect(host.text).toContain('B does not fit\n');
    expect(host.text).not.toContain('at ');
  });

  it('exits 1 with one line when a person can fix the reason', async () => {
    const host = await failWith(new StartFailure('127.0.0.1:3000 is in use.'));
    expect(host).toMatchObject({ code: 1, text: '127.0.0.1:3000 is in use.\n' });
  });

  it('exits 1 with a stack when it is a bug', async () => {
    const host = await failWith(new TypeError('x is not a function'));
    expect(host.code).toBe(1);
    expect(host.text).toMatch(/TypeError: x is not a function\n\s+at /);
  });

  it('exits 78 when a crash point is armed in production', async () => {
    const host = new FakeHost();
    host.env = { NODE_ENV: 'production', QUITTANCE_CRASH_AT: 'work.before-commit' };
    let isStarted = false;
    await runMain(async () => void (isStarted = true), host);
    expect(host).toMatchObject({ code: 78, text: expect.stringContaining('QUITTANCE_CRASH_AT') });
    expect(isStarted).toBe(false);
  });

  it('does not exit when it succeeds', async () => {
    const host = new FakeHost();
    await runMain(() => Promise.resolve(), host);
    expect(host).toMatchObject({ code: undefined, text: '' });
  });
});
