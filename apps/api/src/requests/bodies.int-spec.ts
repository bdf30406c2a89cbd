// Goal: routes without a body accept requests as common clients send them, and a missing or
// unexpected body is named. Method: the running api over raw connections.
import { bodyParsersOf } from '../../../../test/support/body-parsers.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { type RawAnswer, type RawRequest, rawRequest, withBody } from '../../test/raw-request.js';

const JSON_TYPE = ['content-type', 'application/json'] as const;
const EMPTY = ['content-length', '0'] as const;
const CHUNKED = ['transfer-encoding', 'chunked'] as const;

let rig: ApiRig;
let merchant: TestMerchant;
beforeAll(async () => {
  rig = await ApiRig.start();
  merchant = await rig.addMerchant();
});
afterAll(() => rig.stop());

function ask(method: string, target: string, sent: Partial<RawRequest> = {}): Promise<RawAnswer> {
  const headers = [['authorization', `Bearer ${merchant.key}`] as const, ...(sent.headers ?? [])];
  return rawRequest(rig.url, { method, target, ...sent, headers });
}

let count = 0;
async function cancelAddress(): Promise<string> {
  count += 1;
  const { body } = await rig.create(merchant, { reference: `BODY-${count}` });
  return `/v1/payment-intents/${String(body['id'])}/cancel`;
}

const problemOf = ({ text }: RawAnswer) => JSON.parse(text) as { code: string; detail: string };

it('the api has one body parser for streams, and one for all other types', () =>
  expect(bodyParsersOf(rig.app).toSorted()).toEqual(['*', 'application/x-ndjson']));

describe('a route without a body', () => {
  it.each<[string, Partial<RawRequest>]>([
    ['nothing', {}],
    ['a length of zero', { headers: [EMPTY] }],
    ['a content type', { headers: [JSON_TYPE] }],
    ['a content type and a length of zero', { headers: [JSON_TYPE, EMPTY] }],
    [
      'a form’s content type, as curl -d "" does',
      {
        headers: [['content-type', 'application/x-www-form-urlencoded'], EMPTY],
      },
    ],
    ['an empty object', withBody('application/json', '{}')],
    ['an empty object with spaces', withBody('application/json', ' { }\n')],
    ['null', withBody('application/json', 'null')],
    ['no chunks', { headers: [CHUNKED], bytes: '0\r\n\r\n' }],
    ['no chunks of JSON', { headers: [CHUNKED, JSON_TYPE], bytes: '0\r\n\r\n' }],
  ])('accepts a request with %s', async (_, sent) => {
    const answer = await ask('POST', await cancelAddress(), sent);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 'cancelled' });
    expect(answer.status).toBe(200);
  });

  it.each<[string, Partial<RawRequest>, number, string]>([
    ['an object', withBody('application/json', '{"reason":"x"}'), 400, 'unexpected_body'],
    ['a list', withBody('application/json', '[]'), 400, 'unexpected_body'],
    ['a text', withBody('application/json', '""'), 400, 'unexpected_body'],
    ['no JSON', withBody('application/json', '{'), 400, 'unreadable_request'],
    ['a form', withBody('application/x-www-form-urlencoded', 'a=b'), 415, 'unsupported_media_type'],
    ['a body of no type', withBody(undefined, '{}'), 415, 'unsupported_media_type'],
  ])('rejects %s, and does nothing', async (_, sent, status, code) => {
    const address = await cancelAddress();
    const answer = await ask('POST', address, sent);
    expect([answer.status, problemOf(answer).code]).toEqual([status, code]);
    const read = await ask('GET', address.replace('/cancel', ''));
    expect(JSON.parse(read.text)).toMatchObject({ status: 'queued' });
  });
});

describe('GET and HEAD', () => {
  const target = '/v1/payment-intents';

  it.each<[string, Partial<RawRequest>]>([
    ['a content type', { headers: [JSON_TYPE] }],
    ['an unsupported content type', { headers: [['content-type', 'text/plain']] }],
    ['a length of zero', { headers: [JSON_TYPE, EMPTY] }],
  ])('accept a request with %s', async (_, sent) => {
    expect((await ask('GET', target, sent)).status).toBe(200);
    expect((await ask('HEAD', target, sent)).status).toBe(200);
  });

  it('reject a body with its own code', async () => {
    const answer = await ask('GET', target, withBody('application/json', '{}'));
    expect([answer.status, problemOf(answer).code]).toEqual([400, 'unexpected_body']);
    expect(problemOf(answer).detail).toContain('GET');
    const inChunks = { headers: [CHUNKED], bytes: '0\r\n\r\n' };
    expect((await ask('GET', target, inChunks)).status).toBe(400);
  });
});

describe('a route with a body', () => {
  it.each<[string, Partial<RawRequest>]>([
    ['nothing', {}],
    ['an empty body', withBody('application/json', '')],
    ['no chunks', { headers: [CHUNKED, JSON_TYPE], bytes: '0\r\n\r\n' }],
  ])('rejects %s with its own code', async (_, sent) => {
    for (const target of ['/v1/payment-intents', '/v1/payment-intents/pi_none/refunds']) {
      const answer = await ask('POST', target, sent);
      expect([answer.status, problemOf(answer).code]).toEqual([400, 'unreadable_request']);
      expect(problemOf(answer).detail).toContain('the body is empty');
    }
  });
});

describe('a Content-Digest', () => {
  const DIGEST = 'sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:';
  const NONE = 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:';

  it.each<[string, string, number, Partial<RawRequest>]>([
    ['of an empty object, with one', DIGEST, 200, withBody('application/json', '{}')],
    [
      'of an empty object, with one in chunks',
      DIGEST,
      200,
      {
        headers: [CHUNKED, JSON_TYPE],
        bytes: '1\r\n{\r\n1\r\n}\r\n0\r\n\r\n',
      },
    ],
    ['of an empty object, with another', DIGEST, 400, withBody('application/json', '{ }')],
    [
      'of an empty object, in different chunks',
      DIGEST,
      400,
      {
        headers: [CHUNKED, JSON_TYPE],
        bytes: '2\r\n{ \r\n1\r\n}\r\n0\r\n\r\n',
      },
    ],
    ['of an empty object, with nothing', DIGEST, 400, {}],
    ['of nothing, with nothing', NONE, 200, {}],
    ['of nothing, with no chunks', NONE, 200, { headers: [CHUNKED], bytes: '0\r\n\r\n' }],
    ['of nothing, with something', NONE, 400, withBody('application/json', '{}')],
  ])('%s is compared with the body', async (_, digest, status, sent) => {
    const headers = [...(sent.headers ?? []), ['content-digest', digest] as const];
    const answer = await ask('POST', await cancelAddress(), { ...sent, headers });
    expect(answer.status).toBe(status);
    if (status === 400) expect(problemOf(answer).code).toBe('digest_mismatch');
  });

  it('of another body than that of a GET is rejected', async () => {
    const target = '/v1/payment-intents';
    const withDigest = (digest: string) => ({ headers: [['content-digest', digest]] as const });
    expect((await ask('GET', target, withDigest(DIGEST))).status).toBe(400);
    expect((await ask('GET', target, withDigest(NONE))).status).toBe(200);
  });
});
