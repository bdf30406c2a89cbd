// Goal: each state of a Cluster leads to its advice. Method: replies of Redis, as text.
import { clusterFinding } from './cluster-checks.js';

type Ranges = Parameters<typeof clusterFinding>[1];

const info = (state: string, served: number) =>
  `cluster_enabled:1\r\ncluster_state:${state}\r\ncluster_slots_ok:${served}\r\n`;
const node = (port: number) => ['n', port] as const;
const three: Ranges = [
  [0, 5000, node(1), node(11)],
  [5001, 10_000, node(2), node(12)],
  [10_001, 16_383, node(3), node(13)],
];

it.each([
  ['good', 'each with a replica', info('ok', 16_384), three],
  ['bad', 'fail, 3 primaries', info('fail', 16_384), three],
  ['bad', '10000 of 16384', info('ok', 10_000), three],
  [
    'attention',
    'no replica of n:3',
    info('ok', 16_384),
    [...three.slice(0, 2), [10_001, 16_383, node(3)]],
  ],
  ['attention', '1 primaries', info('ok', 16_384), [[0, 16_383, node(1), node(11)]]],
] as const)('is %s: %s', (grade, finding, text, ranges) => {
  expect(clusterFinding(text, ranges as Ranges)).toMatchObject({
    grade,
    finding: expect.stringContaining(finding),
  });
});
