// Goal: scripted faults of refund requests have the documented effect on the client and on the
// ledger, which counts every request. Method: real sockets.
import { plainCard, RunningSandbox, type Answer } from '../testing/running-sandbox.fixture.js';

let sandbox: RunningSandbox;
let transId: string;
beforeAll(async () => (sandbox = await RunningSandbox.start()));
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.reset('b');
  transId = await sandbox.created({ ccno: plainCard });
});

function fault(name: string): Promise<Answer> {
  const match = { path: '/api/transactions/refund-request' };
  return sandbox.script('POST', '/sandbox/faults', { fault: name, match });
}
const refund = (refundAmount = '5.00') =>
  sandbox.sendJson('/api/transactions/refund-request', { transID: transId, refundAmount });
const row = async () => (await sandbox.ledger('ORD-1001')).data[0];

it.each([
  ['drop_before_processing', '1', null],
  ['drop_after_processing', '8', '5.0'],
  ['truncate_reply', '8', '5.0'],
])('%s ends the connection, and leaves the payment at %s', async (name, code, amount) => {
  await fault(name);
  await expect(refund()).rejects.toThrow();
  expect(await row()).toMatchObject({
    order_status: code,
    refund_requests: 1,
    refund_amt: amount,
  });
});

it.each([
  ['status_500_after_processing', 500, /Error processing connector/],
  ['garbage_reply', 200, /^<html>/],
  ['raw_text_reply', 200, /^Request Processed$/],
  ['empty_reply', 200, /^$/],
])(
  '%s returns %d without information, although the refund was accepted',
  async (name, status, text) => {
    await fault(name);
    const answer = await refund();
    expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(text)]);
    expect(await row()).toMatchObject({ order_status: '8', refund_requests: 1 });
  },
);

it('counts every request, rejected ones included', async () => {
  await refund();
  await refund();
  await refund('99999');
  expect(await row()).toMatchObject({ refund_requests: 3, refund_amt: '5.0' });
});

it('books a completed refund as a row without refund requests', async () => {
  await refund();
  await sandbox.sendJson('/api/transactions/refund-accept', { transID: transId });
  expect((await sandbox.ledger('ORD-1001')).data).toMatchObject([
    { order_status: '7', charged: true, refund_requests: 1, refund_amt: '5.0' },
    { order_status: '3', charged: false, refund_requests: 0, parent_transID: transId },
  ]);
});
