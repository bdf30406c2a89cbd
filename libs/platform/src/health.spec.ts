import { CheckNote, Health, type HealthCheck, NotReady } from './health.js';

const up = (name: string): HealthCheck => ({ name, run: () => Promise.resolve() });
const down = (name: string, needed?: HealthCheck['needed']): HealthCheck => ({
  name,
  run: () => Promise.reject(new NotReady('away')),
  ...(needed !== undefined && { needed }),
});
const check = (...checks: HealthCheck[]) => new Health({ checks, timeoutMs: 1 }).check();

describe('readiness', () => {
  it('is ready when every check resolves, and shows the note of a check', async () => {
    const clock = { name: 'clock', run: () => Promise.resolve(new CheckNote('12 ms ahead')) };
    expect(await check(up('postgres'), clock)).toEqual({
      status: 'ready',
      checks: { postgres: { status: 'up' }, clock: { status: 'up', detail: '12 ms ahead' } },
    });
  });

  it.each<[string, HealthCheck['run'], string]>([
    ['the check’s own reason', () => Promise.reject(new NotReady('read-only')), 'read-only'],
    ['a timeout', () => new Promise(() => undefined), 'no answer in 0.001 s'],
    [
      'the code of a broken connection',
      () => Promise.reject(Object.assign(new Error('10.0.0.1'), { code: 'ECONNREFUSED' })),
      'connection refused',
    ],
    [
      'no text of a foreign error',
      () => Promise.reject(new Error('connect to 10.0.0.1 as root')),
      'failed',
    ],
    [
      'a check that throws',
      () => {
        throw new Error('broken');
      },
      'failed',
    ],
  ])('gives the reason why a check is down: %s', async (_case, run, reason) => {
    expect(await check(up('fine'), { name: 'odd', run })).toEqual({
      status: 'unready',
      checks: { fine: { status: 'up' }, odd: { status: 'down', reason } },
    });
  });

  // A webhook needs one of the two, not both.
  const either = (isUp: (name: string) => boolean) => !isUp('redis');
  it.each<[string, readonly HealthCheck[], string]>([
    ['needed and down', [up('redis'), down('postgres')], 'unready'],
    ['not needed and down', [down('redis', false), up('postgres')], 'degraded'],
    ['one of two alternatives down', [up('redis'), down('postgres', either)], 'degraded'],
    ['the other alternative down', [down('redis', false), up('postgres')], 'degraded'],
    ['both alternatives down', [down('redis', false), down('postgres', either)], 'unready'],
    ['no check at all', [], 'ready'],
  ])('with %s', async (_case, checks, status) => {
    expect(await check(...checks)).toMatchObject({ status });
  });

  it('shares a run of the checks that is in progress', async () => {
    let runs = 0;
    const checks = [{ name: 'slow', run: () => Promise.resolve(void (runs += 1)) }];
    const health = new Health({ checks });
    await Promise.all([health.check(), health.check()]);
    await health.check();
    expect(runs).toBe(2);
  });
});
