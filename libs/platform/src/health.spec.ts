import { CheckNote, NotReady, readiness } from './health.js';

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
      notes: { silent: 'it does not answer' },
    });
  });

  it('passes on what a check says, and nothing of an error that was not meant for it', async () => {
    const checks = {
      full: () => Promise.reject(new NotReady('its disk is full')),
      slow: () => Promise.resolve(new CheckNote('it is slow')),
      refused: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1:5432')),
    };
    expect(await readiness({ checks })).toEqual({
      status: 'unready',
      checks: { full: 'down', slow: 'up', refused: 'down' },
      notes: { full: 'its disk is full', slow: 'it is slow' },
    });
  });
});
