import { notReady, refusalOf } from './refusals.js';

describe('a refusal by Redis', () => {
  it.each<[string, string, boolean]>([
    ["READONLY You can't write against a read only replica.", 'read-only', true],
    [
      "READONLY You can't write against a read only replica. script: f_1, on @user_script:9.",
      'read-only',
      true,
    ],
    [
      "ERR Error running script (call to f_1): @user_script:9: @user_script: 9: -READONLY You can't write",
      'read-only',
      true,
    ],
    [
      'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
      'read-only',
      true,
    ],
    [
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
      'lost',
      true,
    ],
    ['NOREPLICAS Not enough good replicas to write.', 'too few replicas', true],
    ['LOADING Redis is loading the dataset in memory', 'loading', true],
    ['CLUSTERDOWN The cluster is down', 'cluster', true],
    ['NOAUTH Authentication required.', 'not authenticated', true],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'password', true],
    ["NOPERM User orders has no permissions to run the 'set' command", 'permission', false],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'out of memory', false],
    ['MISCONF Redis is configured to save RDB snapshots', 'disk', false],
    ['BUSY Redis is busy running a script. You can only call SCRIPT KILL', 'script', false],
  ])('%s', (message, reason, mayBeElsewhere) => {
    const refusal = refusalOf(new Error(message));
    expect(refusal).toMatchObject({ mayBeElsewhere });
    expect(refusal?.reason).toContain(reason);
    expect(notReady(new Error(message), 1)).toMatchObject({ reason: refusal?.reason });
  });

  it.each([
    new Error('WRONGTYPE Operation against a key holding the wrong kind of value'),
    new Error('Missing lock for job submit-1. moveToFinished'),
    new Error('ERR unknown command'),
    new Error('a job that names READONLY'),
    'READONLY',
    undefined,
  ])('excludes other errors: %s', (error) => {
    expect(refusalOf(error)).toBeUndefined();
  });

  it.each([
    ['Command timed out', 'no answer in 2 s'],
    ["Stream isn't writeable and enableOfflineQueue options is false", 'not connected'],
    ['Connection is closed.', 'not connected'],
  ])('maps %s to: %s', (message, reason) => {
    expect(notReady(new Error(message), 2000)).toMatchObject({ reason });
  });

  it('leaves the code of a broken connection to readiness', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), {
      code: 'ECONNREFUSED',
    });
    expect(notReady(error, 2000)).toBe(error);
  });
});
