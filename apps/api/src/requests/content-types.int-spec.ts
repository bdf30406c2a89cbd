// Goal: one content type is accepted, every other one is rejected before its body is read, and
// nothing is stored. Method: the running api over raw connections, a table of similar types, and
// random other types.
import fc from 'fast-check';
import { aRequest } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { type RawAnswer, rawRequest, withBody } from '../../test/raw-request.js';

const PATH = '/v1/payment-intents';
const FORM =
  'reference=F-1&terminal=main&amount=5.00&currency=EUR&product_name=x&method=NB&return_url=https://shop.example/r';

let rig: ApiRig;
let merchant: TestMerchant;
beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

const json = () => JSON.stringify(aRequest());
const bearer = (): [string, string] => ['authorization', `Bearer ${merchant.key}`];

function post(headers: readonly (readonly [string, string])[], bytes: Buffer | string) {
  return rawRequest(rig.url, {
    method: 'POST',
    target: PATH,
    headers: [bearer(), ...headers],
    bytes,
  });
}

function postTyped(type: string | undefined, body: Buffer | string = json()): Promise<RawAnswer> {
  const { headers, bytes = '' } = withBody(type, body);
  return post(headers, bytes);
}

const codeOf = ({ text }: RawAnswer) => (JSON.parse(text) as { code: string }).code;
const stored = () =>
  rig.count('SELECT count(*) FROM payment_intents WHERE merchant_id = $1', [merchant.id]);

describe('a body', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json ;\tCHARSET="utf-8"',
  ])('of the type %j is accepted', async (type) => {
    expect((await postTyped(type)).status).toBe(202);
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', FORM],
    ['a form with a charset', 'application/x-www-form-urlencoded; charset=utf-8', FORM],
    ['JSON declared as a form', 'application/x-www-form-urlencoded', undefined],
    [
      'parts',
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="reference"\r\n\r\nF-1\r\n--x--\r\n',
    ],
    ['a text', 'text/plain', undefined],
    ['no type', undefined, undefined],
    ['an empty type', '', undefined],
    ['no media type', 'json', undefined],
    ['anything', '*/*', undefined],
    ['another charset', 'application/json; charset=iso-8859-1', undefined],
    ['another name of the charset', 'application/json; charset=utf8', undefined],
    ['two charsets', 'application/json; charset=utf-8; charset=utf-16', undefined],
    ['another parameter', 'application/json; q=1', undefined],
    ['a malformed parameter', 'application/json; x', undefined],
    ['a type with the same beginning', 'application/jsonx', undefined],
    ['a type with the same end', 'application/vnd.api+json', undefined],
    ['a text of JSON', 'text/json', undefined],
    ['lines of JSON', 'application/x-ndjson', undefined],
    ['a patch', 'application/merge-patch+json', undefined],
    ['two types in one', 'application/json, application/x-www-form-urlencoded', undefined],
    ['a space within', 'application / json', undefined],
  ])('of %s is rejected', async (_, type, body) => {
    const answer = await postTyped(type, body);
    expect(answer.status).toBe(415);
    const problem = JSON.parse(answer.text) as { code: string; detail: string };
    expect(problem.code).toBe('unsupported_media_type');
    expect(problem.detail).toContain('application/json');
    expect(await stored()).toBe(0);
  });

  it('of any other type is rejected, whatever it contains', async () => {
    const token = fc.stringMatching(/^[a-z0-9.+-]{1,12}$/);
    const type = fc
      .tuple(
        token,
        token,
        fc.constantFrom('', '; charset=utf-8', ';a=b', ' ', ', application/json'),
      )
      .map(([kind, sub, rest]) => `${kind}/${sub}${rest}`)
      .filter((text) => !text.startsWith('application/json'));
    await fc.assert(
      fc.asyncProperty(type, fc.constantFrom(json(), FORM, '{}'), async (each, body) => {
        expect((await postTyped(each, body)).status).toBe(415);
      }),
      { numRuns: 60 },
    );
    expect(await stored()).toBe(0);
  });

  it('with two types is rejected, whichever comes first', async () => {
    const types = ['application/json', 'application/x-www-form-urlencoded'];
    for (const [first = '', second = ''] of [types, types.toReversed()]) {
      const { headers, bytes = '' } = withBody(first, json());
      const answer = await post([...headers, ['Content-Type', second]], bytes);
      expect(answer.status).toBe(415);
    }
  });

  it('in chunks is rejected as well, with another type and with none', async () => {
    const chunks = `${FORM.length.toString(16)}\r\n${FORM}\r\n0\r\n\r\n`;
    for (const type of [[['content-type', 'text/plain']] as const, []]) {
      const answer = await post([['transfer-encoding', 'chunked'], ...type], chunks);
      expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported_media_type']);
    }
  });

  it('that is compressed is rejected with instructions', async () => {
    const { headers, bytes = '' } = withBody('application/json', json());
    const answer = await post([...headers, ['content-encoding', 'gzip']], bytes);
    expect(answer.status).toBe(415);
    expect(answer.text).toContain('without a content coding');
  });

  it('is rejected before it has arrived and after the caller is authenticated', async () => {
    const headers: [string, string][] = [
      ['content-type', 'text/plain'],
      ['content-length', '60000'],
    ];
    expect((await post(headers, '{')).status).toBe(415);
    const target = PATH;
    const unknown = await rawRequest(rig.url, { method: 'POST', target, headers, bytes: '{' });
    expect(unknown.status).toBe(401);
  });

  it('of the ops pages is rejected after the caller is authenticated', async () => {
    const target = '/ops/queues/api/queues/pause';
    const { headers, bytes = '' } = withBody('application/x-www-form-urlencoded', 'a=b');
    const key = await rig.addOpsKey(['ops:read', 'ops:write']);
    const ask = (more: [string, string][]) =>
      rawRequest(rig.url, { method: 'PUT', target, headers: [...more, ...headers], bytes });
    expect((await ask([])).status).toBe(401);
    expect((await ask([['authorization', `Bearer ${key}`]])).status).toBe(415);
  });
});

describe('the bytes of a body', () => {
  const withName = (name: Buffer) => {
    const [before = '', after = ''] = JSON.stringify(aRequest({ product_name: '<>' })).split('<>');
    return Buffer.concat([Buffer.from(before), name, Buffer.from(after)]);
  };

  it.each([
    ['Latin-1', [0xe9]],
    ['a lone continuation byte', [0x80]],
    ['a truncated character', [0xe2, 0x82]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['not text', [0xff, 0xfe]],
  ])('that are %s are rejected', async (_, bytes) => {
    const answer = await postTyped('application/json', withName(Buffer.from(bytes)));
    expect([answer.status, codeOf(answer)]).toEqual([400, 'unreadable_request']);
    expect(answer.text).toContain('UTF-8');
    expect(await stored()).toBe(0);
  });

  it('are decoded as UTF-8', async () => {
    const answer = await postTyped('application/json', withName(Buffer.from('Jürgens Café 🎫')));
    expect(answer.status).toBe(202);
    expect(
      await rig.count(
        `SELECT count(*) FROM payment_intents WHERE merchant_id = $1 AND product_name = 'Jürgens Café 🎫'`,
        [merchant.id],
      ),
    ).toBe(1);
  });

  it('may begin with one byte order mark, which RFC 8259 allows a parser to ignore', async () => {
    const mark = Buffer.from([0xef, 0xbb, 0xbf]);
    const body = Buffer.from(json());
    expect((await postTyped('application/json', Buffer.concat([mark, body]))).status).toBe(202);
    const twice = await postTyped('application/json', Buffer.concat([mark, mark, body]));
    expect([twice.status, codeOf(twice)]).toEqual([400, 'unreadable_request']);
  });
});
