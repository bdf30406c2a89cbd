// Goal: bytes that are not text are rejected with their position, and never read as other text.
// Method: the running api over raw connections.
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { rawRequest } from '../../test/raw-request.js';

let rig: ApiRig;
let merchant: TestMerchant;
beforeAll(async () => {
  rig = await ApiRig.start();
  merchant = await rig.addMerchant();
});
afterAll(() => rig.stop());

const read = (target: string, headers: readonly (readonly [string, string])[] = []) =>
  rawRequest(rig.url, {
    method: 'GET',
    target,
    headers: [['authorization', `Bearer ${merchant.key}`], ...headers],
  });

const LIST = '/v1/payment-intents';

describe('an address', () => {
  it.each([
    ['an escape of a byte that is not UTF-8', `${LIST}?terminal=%ff`],
    ['Latin-1', `${LIST}?terminal=caf%E9`],
    ['a truncated character', `${LIST}?terminal=%E2%82`],
    ['an overlong slash', `${LIST}?terminal=%C0%AF`],
    ['half a surrogate pair', `${LIST}?terminal=%ED%A0%80`],
    ['a malformed escape', `${LIST}?terminal=%zz`],
    ['a truncated escape', `${LIST}?terminal=%2`],
    ['a lone percent sign', `${LIST}?terminal=100%`],
    ['such an escape in a name', `${LIST}?%ff=1`],
    ['such an escape in the path', `${LIST}/%ff`],
    ['such an escape in an unknown path', '/nowhere/%ff'],
    ['such an escape in the query of an unknown path', '/nowhere?x=%ff'],
  ])('with %s is rejected', async (_, target) => {
    const answer = await read(target);
    expect(answer.status).toBe(400);
    const detail = 'The address has a percent escape that is not UTF-8 (RFC 3986 §2.1).';
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'unreadable_request', detail });
  });

  it('with bytes that are not ASCII is rejected', async () => {
    const answer = await read(`${LIST}?terminal=caf\u00c3\u00a9`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('percent-encoded');
  });

  it.each([
    `${LIST}?terminal=caf%C3%A9`,
    `${LIST}?terminal=%F0%9F%8E%AB`,
    `${LIST}?terminal=100%25`,
  ])('%s is read', async (target) => expect((await read(target)).status).toBe(200));
});

describe('a header', () => {
  it('with bytes that are not UTF-8 is rejected', async () => {
    const answer = await read(LIST, [['x-note', 'caf\u00e9']]);
    expect(answer.status).toBe(400);
    const detail = 'A header has bytes that are not UTF-8.';
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'unreadable_request', detail });
  });

  it('in UTF-8 is accepted', async () => {
    expect((await read(LIST, [['x-note', 'caf\u00c3\u00a9']])).status).toBe(200);
  });
});
