import type { SentinelState } from '@quittance/queues';
import { isolationFinding, sentinelFinding } from './sentinel-checks.js';

const state = (sentinel: string, more: Partial<SentinelState> = {}): SentinelState => ({
  sentinel,
  primary: 'p:6379',
  replicas: 1,
  problem: undefined,
  ...more,
});
const [one, two, three] = [state('s1:1'), state('s2:1'), state('s3:1')];

it.each<[string, string, readonly SentinelState[], string]>([
  ['good', 'three that agree', [one, two, three], '3 name p:6379, which has 1 replicas'],
  ['attention', 'two', [one, two], '2 name p:6379'],
  ['bad', 'one without a quorum', [one, two, { ...three, problem: 'NOQUORUM' }], 's3:1: NOQUORUM'],
  ['bad', 'two primaries', [one, two, { ...three, primary: 'q:1' }], 'they name p:6379 and q:1'],
  ['bad', 'no replica', [one, two, { ...three, replicas: 0 }], 'which has 0 replicas'],
])('judges as %s: %s', (grade, _, states, finding) => {
  expect(sentinelFinding(states)).toMatchObject({
    grade,
    finding: expect.stringContaining(finding),
  });
});

it('wants a primary that is cut off to take no writes', () => {
  expect(isolationFinding(new Map())).toMatchObject({ grade: 'attention' });
  const info = new Map([['min_slaves_good_slaves', '1']]);
  expect(isolationFinding(info)).toMatchObject({ grade: 'good' });
});
