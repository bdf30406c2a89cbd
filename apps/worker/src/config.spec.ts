// Goal: the worker's start reports each malformed pin by name. Method: loads the configuration as
// the start does.
import { createHash } from 'node:crypto';
import { ConfigError, loadConfig } from '@quittance/platform';
import { generateKeySets } from '@quittance/vault';
import { workerConfig } from './config.js';

const complete = {
  DATABASE_URL: 'postgres://worker:secret@127.0.0.1:5432/quittance',
  REDIS_URL: 'redis://127.0.0.1:6379',
  QUITTANCE_KEYSET: JSON.stringify(generateKeySets().worker),
};
const PIN = createHash('sha256').update('a key').digest('base64');

const problemsOf = (pins: string): readonly string[] => {
  try {
    loadConfig(workerConfig, { ...complete, GATEWAY_TLS_PINS: pins });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

it.each(['', `gateway.test=${PIN}`, ` gateway.test=${PIN} , other.test=${PIN} `])(
  'accepts pins: %p',
  (pins) => expect(problemsOf(pins)).toEqual([]),
);

it('names the variable and each malformed pin', () => {
  const good = `gateway.test=${PIN}`;
  const problems = problemsOf(`${good},other.test=x,${good},${PIN},`);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(
    'GATEWAY_TLS_PINS is invalid: "other.test=x" has no SHA-256 in base64 after the host; ' +
      `"${good}" is repeated; "${PIN}" names no host; "" names no host; expected <host>=`,
  );
});

it.each([
  ['0', true],
  ['179', false],
  ['180', true],
])('deletes no payment within the half year of its watch: %s days are fine: %s', (days, isFine) => {
  const load = () => loadConfig(workerConfig, { ...complete, RETENTION_PAYMENTS_DAYS: days });
  if (isFine) expect(load).not.toThrow();
  else expect(load).toThrow('RETENTION_PAYMENTS_DAYS must be 0 or at least 180');
});
