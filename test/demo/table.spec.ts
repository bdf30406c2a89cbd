import { resultTable } from './table.js';

const scenario = { terminal: 'main', title: 'approved at once' };
const ended = {
  scenario,
  reference: 'demo-1',
  payment: { status: 'succeeded' },
  order: { payment_status: 'succeeded', events: [{}, {}, {}] },
  ms: 42,
  problems: [],
};
const lost = { scenario, reference: 'demo-22', problems: ['stayed queued', 'never ended'] };

describe('resultTable', () => {
  it('lines up what ended and what did not', () => {
    expect(resultTable([ended, lost])).toBe(
      [
        '  reference  protocol          scenario          final status  order domain         ms',
        '  ---------  ----------------  ----------------  ------------  -------------------  --',
        '  demo-1     encrypted/aes256  approved at once  succeeded     succeeded, 3 events  42  ok',
        '  demo-22    encrypted/aes256  approved at once  -             -                     -  stayed queued; never ended',
      ].join('\n'),
    );
  });
});
