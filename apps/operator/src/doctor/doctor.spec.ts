import type { KeyHolder } from '@quittance/persistence';
import { clockFinding } from './clock.js';
import { keyFinding } from './key-checks.js';

describe('clockFinding', () => {
  const asked = { askedAt: 100_000, answeredAt: 100_200 };

  it.each([
    [100_000, 'good', 'agrees'],
    [100_200, 'good', 'agrees'],
    [99_001, 'good', 'agrees'],
    [101_199, 'good', 'agrees'],
    [99_000, 'attention', '1.0 s behind'],
    [101_200, 'attention', '1.0 s ahead'],
    [70_001, 'attention', '30.0 s behind'],
    [70_000, 'bad', '30.0 s behind'],
    [130_200, 'bad', '30.0 s ahead'],
  ])('judges a server at %i ms as %s', (serverMs, grade, text) => {
    const found = clockFinding('clock', serverMs, asked);
    expect(found).toMatchObject({ grade, finding: expect.stringContaining(text) });
    expect(found.advice === null).toBe(grade === 'good');
  });
});

describe('keyFinding', () => {
  const holder = (app: KeyHolder['app'], keys: Partial<KeyHolder['keys']>): KeyHolder => ({
    processId: app,
    app,
    host: 'host-1',
    pid: 1,
    silentMs: 0,
    keys: {
      cards: [],
      terminalSecrets: [],
      dropInSecrets: [],
      callbackTokens: [],
      returnTokens: [],
      ...keys,
    },
  });

  it('accepts processes that have every key in use', () => {
    const api = holder('api', { cards: ['k2'] });
    const worker = holder('worker', { cards: ['k2', 'k1'], callbackTokens: ['c1'] });
    const webhook = holder('webhook', { callbackTokens: ['c1'] });
    expect(keyFinding([api, worker, webhook])).toMatchObject({
      grade: 'good',
      finding: '3 processes agree',
    });
  });

  it('reports a process that lacks a key that another one uses', () => {
    const api = holder('api', { cards: ['k3'] });
    const worker = holder('worker', { cards: ['k2', 'k1'] });
    expect(keyFinding([api, worker])).toMatchObject({
      grade: 'bad',
      finding: 'api on host-1 lacks cards k2; worker on host-1 lacks cards k3',
    });
  });

  it('asks for attention when no process has announced keys', () => {
    expect(keyFinding([])).toMatchObject({ grade: 'attention' });
  });
});
