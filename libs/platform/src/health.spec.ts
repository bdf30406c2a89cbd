import { readiness } from './health.js';

describe('readiness', () => {
  it('is ready when every check answers', async () => {
    const checks = { postgres: () => Promise.resolve(), redis: () => Promise.resolve('PONG') };
    expect(await readiness({ checks })).toEqual({
      status: 'ready',
      checks: { postgres: 'up', redis: 'up' },
    });
  });

  it('is unready when a check fails, throws or does not answer in time, and says which', async () => {
    const checks = {
      fine: () => Promise.resolve(),
      refused: () => Promise.reject(new Error('refused')),
      broken: () => {
        throw new Error('broken');
      },
      silent: () => new Promise(() => undefined),
    };
    expect(await readiness({ checks, timeoutMs: 1 })).toEqual({
      status: 'unready',
      checks: { fine: 'up', refused: 'down', broken: 'down', silent: 'down' },
    });
  });
});
