import type { LedgerRow } from '../test/chaos/sandbox-control.js';
import { isChargedOnce } from './charges.js';

const row: LedgerRow = {
  transID: '1',
  parent_transID: null,
  order_status: '1',
  charged: true,
  refund_requests: 0,
};
const create = { could_charge: true };
const inquiry = { could_charge: false };

it.each([
  ['one request and one charge', [row], [create], true],
  ['an inquiry beside it', [row], [create, inquiry], true],
  ['nothing', [], [], false],
  ['a payment that was not charged', [{ ...row, charged: false }], [create], false],
  ['two charges', [row, { ...row, transID: '2' }], [create, create], false],
  ['a second request without a charge', [row], [create, create], false],
])('judges %s', (_, data, received, expected) => {
  expect(isChargedOnce({ data, received })).toBe(expected);
});
