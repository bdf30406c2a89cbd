// Goal: an unsupported method on an existing address gets 405 with the supported ones; 404 is for
// unknown addresses. Method: each path of the OpenAPI document with each method, over raw
// connections.
import type { OpenApiDocument } from '../openapi/document.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { rawRequest } from '../../test/raw-request.js';

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PROPFIND', 'PUT', 'TRACE'];

let rig: ApiRig;
let merchant: TestMerchant;
let paths: [path: string, methods: string[]][];
beforeAll(async () => {
  rig = await ApiRig.start({ env: { ADDRESS_REQUESTS_PER_MINUTE: '10000' } });
  merchant = await rig.addMerchant();
  const document = (await rig.ask('GET', '/openapi.json')).body as unknown as OpenApiDocument;
  const described = Object.entries(document.paths);
  paths = described.map(([path]) => {
    // `/v1/payment-intents/batch` is also an address of `/v1/payment-intents/{id}`.
    const names = described.filter(([other]) => patternOf(other).test(path));
    const methods = names.flatMap(([, operations]) => Object.keys(operations));
    const upper = [...new Set(methods)].map((method) => method.toUpperCase());
    return [path, upper.includes('GET') ? [...upper, 'HEAD'] : upper];
  });
});
afterAll(() => rig.stop());

const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);

const ask = (method: string, target: string) =>
  rawRequest(rig.url, { method, target, headers: [['authorization', `Bearer ${merchant.key}`]] });

it('each path accepts its methods, and lists them for others', async () => {
  expect(paths.length).toBeGreaterThan(8);
  for (const [path, methods] of paths) {
    const target = path.replace('{id}', 'pi_none');
    for (const method of METHODS) {
      const { status, headers, text } = await ask(method, target);
      const seen = { path, method, status, allow: headers.get('allow') };
      if (methods.includes(method)) {
        expect(seen).toEqual({ ...seen, allow: undefined });
        expect(status).not.toBe(405);
      } else {
        const allow = methods.toSorted().join(', ');
        expect(seen).toEqual({ path, method, status: 405, allow });
        if (method !== 'HEAD')
          expect(JSON.parse(text)).toMatchObject({ code: 'method_not_allowed' });
      }
    }
  }
});

it.each([
  ['/v1', 'GET'],
  ['/v1/payment-intents/', 'PUT'],
  ['/v1/payment-intents/a/b', 'PUT'],
  ['/v1/payment-intents/a/cancel/b', 'POST'],
  ['/v2/payment-intents', 'POST'],
  ['/index.html', 'DELETE'],
  ['//v1/payment-intents', 'PUT'],
  ['/v1/payment-intents%2Fx', 'PUT'],
])('%s is not found with any method', async (target, method) => {
  const { status, headers } = await ask(method, target);
  expect([status, headers.get('allow')]).toEqual([404, undefined]);
});

it('the root names the documents, with the headers of every response and no version', async () => {
  const { status, headers, text } = await ask('GET', '/');
  expect(status).toBe(200);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(text).not.toMatch(/\d+\.\d+/);
  const index = JSON.parse(text) as Record<string, string>;
  for (const path of Object.values(index).filter((value) => value.startsWith('/')))
    expect([path, (await ask('GET', path)).status]).toEqual([path, 200]);
  expect((await ask('DELETE', '/')).headers.get('allow')).toBe('GET, HEAD');
});

it('HEAD answers as GET does, without a body', async () => {
  for (const target of ['/v1/payment-intents', '/v1/events', '/docs', '/livez', '/openapi.json']) {
    const [head, get] = [await ask('HEAD', target), await ask('GET', target)];
    expect([head.status, head.text]).toEqual([get.status, '']);
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
  }
  const unknown = await rawRequest(rig.url, { method: 'HEAD', target: '/v1/payment-intents' });
  expect(unknown.status).toBe(401);
});

it('a request for the methods is counted by address like any without a key', async () => {
  const strict = await ApiRig.start({ env: { ADDRESS_REQUESTS_PER_MINUTE: '10' } });
  const statuses = new Set<number | undefined>();
  for (let asked = 0; asked < 30; asked += 1) {
    statuses.add((await rawRequest(strict.url, { method: 'PUT', target: '/v1/events' })).status);
  }
  expect([...statuses]).toEqual([405, 429]);
  await strict.stop();
});
