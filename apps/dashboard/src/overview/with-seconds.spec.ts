// Goal: a second counts once, in the step it belongs to. Method: a range of two steps, and seconds
// before, at and after its end.
import type { Overview, OverviewSecond } from '../api.js';
import { withSeconds } from './with-seconds.js';

const overview: Overview = {
  object: 'overview',
  range: '15m',
  step_seconds: 5,
  from: '2026-11-28T10:00:00.000Z',
  to: '2026-11-28T10:00:10.000Z',
  times: [100, 105],
  accepted: [1, 2],
  sent: [1, 2],
  ended: [0, 1],
  succeeded: [0, 1],
  declined: [0, 0],
  approval_rate: [null, 1],
  final_p50_ms: [null, 250],
  final_p95_ms: [null, 500],
  gateway_replied: [1, 2],
  gateway_not_sent: [0, 0],
  gateway_no_reply: [0, 0],
  in_doubt: [0, 0],
  in_doubt_oldest_seconds: [0, 0],
  queued: [0, 1],
  oldest_queued_seconds: [0, 3],
  lanes: [{ lane: 'default', queued: [0, 1], oldest_queued_seconds: [0, 3] }],
};
const second = (at: number, fields: Partial<OverviewSecond> = {}): OverviewSecond => ({
  at,
  accepted: 1,
  sent: 1,
  ended: 1,
  succeeded: 0,
  declined: 1,
  gateway_replied: 1,
  gateway_not_sent: 0,
  gateway_no_reply: 0,
  in_doubt: 0,
  in_doubt_oldest_seconds: 0,
  queued: 0,
  oldest_queued_seconds: 0,
  lanes: [],
  ...fields,
});

it('leaves out seconds that the range has counted', () => {
  expect(withSeconds(overview, [second(100), second(109)])).toBe(overview);
});

it('adds up the seconds of a step, and takes the newest gauges', () => {
  const lanes = [{ lane: 'default', queued: 4, oldest_queued_seconds: 9 }];
  const followed = withSeconds(overview, [
    second(109),
    second(110),
    second(111, { succeeded: 1, declined: 0, queued: 4, in_doubt: 2, lanes }),
    second(115),
  ]);
  expect(followed).toMatchObject({
    times: [100, 105, 110, 115],
    accepted: [1, 2, 2, 1],
    approval_rate: [null, 1, 0.5, 0],
    final_p50_ms: [null, 250, null, null],
    queued: [0, 1, 4, 0],
    in_doubt: [0, 0, 2, 0],
    lanes: [{ lane: 'default', queued: [0, 1, 4, 0], oldest_queued_seconds: [0, 3, 9, 0] }],
  });
});
