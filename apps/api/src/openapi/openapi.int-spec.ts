// Goal: the document and the running API agree. Method: call every documented operation, valid and
// invalid; each response must be documented and match its schema.
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import { aRequest, type RequestBody } from '../../test/a-request.js';
import { type Answer, ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { TestWorker } from '../../test/test-worker.js';
import type { OpenApiDocument } from './document.js';
import type { ResponseObject } from './operation.js';

let rig: ApiRig;
let merchant: TestMerchant;
let paymentId: string;
let succeededId: string;
let doubtfulId: string;
let proposalId: string;
let opsKey: string;
let document: OpenApiDocument;
const ajv = new Ajv2020({ strict: false, validateFormats: false });

beforeAll(async () => {
  rig = await ApiRig.start();
  merchant = await rig.addMerchant();
  paymentId = String((await rig.create(merchant)).body['id']);
  succeededId = String((await rig.create(merchant, { reference: 'PAID' })).body['id']);
  const worker = await TestWorker.start(rig);
  await worker.open(succeededId);
  await worker.report(succeededId);
  doubtfulId = String((await rig.create(merchant, { reference: 'DOUBTFUL' })).body['id']);
  await worker.open(doubtfulId);
  await worker.abandon(doubtfulId);
  await worker.stop();
  proposalId = await rig.addProposal(paymentId);
  await rig.pool.query(`INSERT INTO ended_events VALUES ($1, '1', '', 1, 1)`, [merchant.id]);
  opsKey = await rig.addOpsKey(['ops:read', 'ops:write']);
  document = (await rig.ask('GET', '/openapi.json')).body as unknown as OpenApiDocument;
  ajv.addSchema({ $id: 'api', components: document.components });
});
afterAll(() => rig.stop());

const ID = '/v1/payment-intents/{id}';
const COLLECTION = '/v1/payment-intents';
const REFUNDS = `${ID}/refunds`;
const REFUND = '/v1/refunds/{id}';
const BATCH = `${COLLECTION}/batch`;
const BATCH_PROGRESS = '/v1/batches/{batch_id}';
const NDJSON = { 'content-type': 'application/x-ndjson' };

/** Placeholders for ids known only at run time: of a succeeded payment and of its refund. */
const SUCCEEDED = Symbol('a payment that succeeded');
const REFUNDED = Symbol('its refund');

/** A payment and a refund in doubt, and proposals of another operator, for the actions on them. */
const DOUBTFUL = Symbol('a payment in doubt');
const PROPOSED = Symbol('a proposal');
/** The key that signs in. */
const OPS_KEY = Symbol('an ops key');
/** The origin of our own pages. */
const OWN = { origin: 'own' };
const OPS = '/v1/ops';
const LANE = `${OPS}/lanes/{name}`;
const FAILED_JOBS = `${OPS}/queues/{queue}/failed`;
const NO_JOBS = { count: 0, until: '2026-01-01T00:00:00.000Z' };
/** The address and the caller's faults that every action of operators answers. */
function actionFaults(path: string, fault: RequestBody, method = 'post'): Case[] {
  return [
    [method, path, 400, { body: '{' }],
    [method, path, 401, { key: null, body: {} }],
    [method, path, 403, { scopes: ['ops:read'], body: {} }],
    [method, path, 413, { body: 'x'.repeat(70_000) }],
    [method, path, 415, { body: 'x', headers: { 'content-type': 'text/plain' } }],
    [method, path, 422, { body: fault }],
  ];
}
const readFaults = (path: string, isParameterized = false): Case[] => [
  ['get', path, 401, { key: null }],
  ['get', path, 403, { scopes: ['ops:write'] }],
  ...(isParameterized ? ([['get', path, 422, { query: '?x=y' }]] satisfies Case[]) : []),
];

/** More than the server reads of headers. */
const TOO_LONG = { 'x-padding': 'x'.repeat(20_000) };

/**
 * The requests that provoke each response: operation, status, request. `key` is the merchant's by
 * default.
 */
type Case = [method: string, path: string, status: number, request?: RequestBody];
const CASES: Case[] = [
  ['get', '/.well-known/jwks.json', 200],
  ['post', COLLECTION, 202, { body: aRequest({ reference: 'NEW' }) }],
  ['post', COLLECTION, 200, { body: aRequest() }],
  ['post', COLLECTION, 400, { body: '{' }],
  ['post', COLLECTION, 401, { key: null, body: aRequest() }],
  ['post', COLLECTION, 403, { scopes: ['payments:read'], body: aRequest() }],
  ['post', COLLECTION, 409, { body: aRequest({ amount: '9.99' }) }],
  ['post', COLLECTION, 413, { body: 'x'.repeat(70_000) }],
  ['post', COLLECTION, 415, { body: 'x', headers: { 'content-type': 'text/plain' } }],
  ['post', COLLECTION, 422, { body: {} }],
  ['post', BATCH, 200, { body: aRequest({ reference: 'LINE' }), headers: NDJSON }],
  ['post', BATCH, 400],
  ['post', BATCH, 401, { key: null, body: 'x', headers: NDJSON }],
  ['post', BATCH, 403, { scopes: ['payments:read'], body: 'x', headers: NDJSON }],
  ['post', BATCH, 409, { body: 'x', headers: { ...NDJSON, 'batch-id': 'b', 'first-line': '2' } }],
  ['post', BATCH, 415, { body: 'x' }],
  ['post', BATCH, 422, { body: 'x', headers: { ...NDJSON, 'batch-id': '?' } }],
  ['post', BATCH, 200, { body: 'x', headers: { ...NDJSON, 'batch-id': 'batch' } }],
  ['get', BATCH_PROGRESS, 200, { id: 'batch' }],
  ['get', BATCH_PROGRESS, 401, { key: null }],
  ['get', BATCH_PROGRESS, 403, { scopes: ['payments:write'] }],
  ['get', BATCH_PROGRESS, 404, { id: 'none' }],
  ['get', COLLECTION, 200],
  ['get', COLLECTION, 401, { key: null }],
  ['get', COLLECTION, 403, { scopes: ['payments:write'] }],
  ['get', COLLECTION, 422, { query: '?limit=0' }],
  ['get', ID, 200],
  ['get', ID, 401, { key: null }],
  ['get', ID, 403, { scopes: ['payments:write'] }],
  ['get', ID, 404, { id: 'pi_none' }],
  ['get', ID, 422, { query: '?version=x' }],
  ['get', `${ID}/timeline`, 200],
  ['get', `${ID}/timeline`, 401, { key: null }],
  ['get', `${ID}/timeline`, 403, { scopes: ['payments:write'] }],
  ['get', `${ID}/timeline`, 404, { id: 'pi_none' }],
  ['post', REFUNDS, 202, { id: SUCCEEDED, body: { reference: 'RF-1', amount: '1.00' } }],
  ['post', REFUNDS, 200, { id: SUCCEEDED, body: { reference: 'RF-1', amount: '1.00' } }],
  ['post', REFUNDS, 400, { body: '{' }],
  ['post', REFUNDS, 401, { key: null, body: {} }],
  ['post', REFUNDS, 403, { scopes: ['payments:write'], body: {} }],
  ['post', REFUNDS, 404, { id: 'pi_none', body: {} }],
  ['post', REFUNDS, 409, { body: { reference: 'RF-2' } }],
  ['post', REFUNDS, 413, { body: 'x'.repeat(70_000) }],
  ['post', REFUNDS, 415, { body: 'x', headers: { 'content-type': 'text/plain' } }],
  ['post', REFUNDS, 422, { body: {} }],
  ['get', REFUND, 200, { id: REFUNDED }],
  ['get', REFUND, 401, { key: null }],
  ['get', REFUND, 403, { scopes: ['refunds:write'] }],
  ['get', REFUND, 404, { id: 're_none' }],
  ['get', REFUND, 422, { id: REFUNDED, query: '?version=x' }],
  ['get', REFUNDS, 200, { id: SUCCEEDED }],
  ['get', REFUNDS, 401, { key: null }],
  ['get', REFUNDS, 403, { scopes: ['refunds:write'] }],
  ['get', REFUNDS, 404, { id: 'pi_none' }],
  ['get', REFUNDS, 422, { query: '?limit=0' }],
  ['get', '/v1/refunds', 200],
  ['get', '/v1/refunds', 401, { key: null }],
  ['get', '/v1/refunds', 403, { scopes: ['refunds:write'] }],
  ['get', '/v1/refunds', 422, { query: '?status=queued' }],
  ['post', `${ID}/cancel`, 401, { key: null }],
  ['post', `${ID}/cancel`, 403, { scopes: ['payments:read'] }],
  ['post', `${ID}/cancel`, 400, { body: { reason: 'none' } }],
  ['post', `${ID}/cancel`, 415, { body: 'x', headers: { 'content-type': 'text/plain' } }],
  ['post', `${ID}/cancel`, 404, { id: 'pi_none' }],
  ['post', `${ID}/cancel`, 200],
  ['post', `${ID}/cancel`, 409],
  ['get', '/v1/events', 200],
  ['get', '/v1/events', 401, { key: null }],
  ['get', '/v1/events', 403, { scopes: ['payments:write'] }],
  ['get', '/v1/events', 410, { query: `?after=${Buffer.from('0..0').toString('base64url')}` }],
  ['get', '/v1/events', 422, { query: '?after=x' }],
  ...['/api/s2s', '/api/s2s/encrypt'].flatMap((path): Case[] => [
    ['post', path, 400, { body: {} }],
    ['post', path, 404, { body: { public_key: 'none', bill_amt: '1' } }],
    ['post', path, 413, { body: 'x'.repeat(70_000) }],
    ['post', path, 431, { headers: TOO_LONG }],
  ]),
  ['post', `${OPS}/session`, 200, { body: OPS_KEY, headers: OWN }],
  ['post', `${OPS}/session`, 400, { body: '{', headers: OWN }],
  ['post', `${OPS}/session`, 401, { body: { key: 'none' }, headers: OWN }],
  ['post', `${OPS}/session`, 403, { body: OPS_KEY }],
  ['post', `${OPS}/session`, 413, { body: 'x'.repeat(70_000) }],
  ['post', `${OPS}/session`, 415, { body: 'x', headers: { 'content-type': 'text/plain' } }],
  ['post', `${OPS}/session`, 422, { body: {}, headers: OWN }],
  ['get', `${OPS}/session`, 200],
  ...readFaults(`${OPS}/session`),
  ['delete', `${OPS}/session`, 204, { headers: OWN }],
  ['delete', `${OPS}/session`, 403],
  ['get', `${OPS}/health`, 200],
  ...readFaults(`${OPS}/health`),
  ['get', `${OPS}/overview`, 200, { query: '?range=24h' }],
  ...readFaults(`${OPS}/overview`, true),
  ...readFaults(`${OPS}/overview/live`),
  ['get', `${OPS}/search`, 200, { query: '?q=PAID' }],
  ...readFaults(`${OPS}/search`, true),
  ['get', `${OPS}/payments/{id}`, 200],
  ['get', `${OPS}/payments/{id}`, 404, { id: 'pi_none' }],
  ...readFaults(`${OPS}/payments/{id}`),
  ['post', `${OPS}/payments/{id}/inquire`, 200, { id: SUCCEEDED, body: {} }],
  ['post', `${OPS}/payments/{id}/inquire`, 404, { id: 'pi_none', body: {} }],
  ['post', `${OPS}/payments/{id}/inquire`, 409, { body: {} }],
  ...actionFaults(`${OPS}/payments/{id}/inquire`, { why: '' }),
  ['get', `${OPS}/doubts`, 200],
  ...readFaults(`${OPS}/doubts`, true),
  [
    'post',
    `${OPS}/payments/{id}/resolve`,
    200,
    { id: DOUBTFUL, body: { as: 'failed', evidence: 'seen' } },
  ],
  ['post', `${OPS}/payments/{id}/resolve`, 409, { body: { as: 'failed', evidence: 'seen' } }],
  [
    'post',
    `${OPS}/payments/{id}/resolve`,
    404,
    { id: 'pi_none', body: { as: 'failed', evidence: 'seen' } },
  ],
  ...actionFaults(`${OPS}/payments/{id}/resolve`, { as: 'queued' }),
  [
    'post',
    `${OPS}/refunds/{id}/resolve`,
    409,
    { id: REFUNDED, body: { as: 'accepted', evidence: 'seen' } },
  ],
  [
    'post',
    `${OPS}/refunds/{id}/resolve`,
    404,
    { id: 're_none', body: { as: 'accepted', evidence: 'seen' } },
  ],
  ...actionFaults(`${OPS}/refunds/{id}/resolve`, { as: 'succeeded' }),
  ['get', `${OPS}/lanes`, 200],
  ...readFaults(`${OPS}/lanes`),
  ['patch', LANE, 200, { id: 'default', body: { concurrency: 9 } }],
  ['patch', LANE, 404, { id: 'none', body: { concurrency: 9 } }],
  ...actionFaults(LANE, {}, 'patch'),
  ['post', `${LANE}/pause`, 200, { id: 'default', body: { reason: 'maintenance' } }],
  ['post', `${LANE}/pause`, 409, { id: 'default', body: { reason: 'maintenance' } }],
  ['post', `${LANE}/pause`, 404, { id: 'none', body: { reason: 'maintenance' } }],
  ...actionFaults(`${LANE}/pause`, {}),
  ['post', `${LANE}/resume`, 200, { id: 'default', body: {} }],
  ['post', `${LANE}/resume`, 409, { id: 'default', body: {} }],
  ['post', `${LANE}/resume`, 404, { id: 'none', body: {} }],
  ...actionFaults(`${LANE}/resume`, { why: 1 }),
  ['get', `${OPS}/queues`, 200],
  ...readFaults(`${OPS}/queues`),
  ['get', FAILED_JOBS, 200, { id: 'inquiry' }],
  ['get', FAILED_JOBS, 404, { id: 'none' }],
  ...readFaults(FAILED_JOBS, true),
  ...['retry', 'discard'].flatMap((action): Case[] => [
    ['post', `${FAILED_JOBS}/${action}`, 200, { id: 'inquiry', body: NO_JOBS }],
    ['post', `${FAILED_JOBS}/${action}`, 404, { id: 'none', body: NO_JOBS }],
    ['post', `${FAILED_JOBS}/${action}`, 409, { id: 'payment-intents', body: NO_JOBS }],
    ...actionFaults(`${FAILED_JOBS}/${action}`, {}),
  ]),
  ['get', `${OPS}/events/subscribers`, 200],
  ...readFaults(`${OPS}/events/subscribers`),
  ['get', `${OPS}/events/failed`, 200],
  ...readFaults(`${OPS}/events/failed`, true),
  ['post', `${OPS}/events/replay`, 200, { body: { all: true } }],
  ['post', `${OPS}/events/replay`, 409, { body: { id: 'orders/none' } }],
  ...actionFaults(`${OPS}/events/replay`, {}),
  ['get', `${OPS}/audit`, 200],
  ...readFaults(`${OPS}/audit`, true),
  ['get', `${OPS}/proposals`, 200],
  ...readFaults(`${OPS}/proposals`),
  ['post', `${OPS}/proposals/{id}/approve`, 409, { id: PROPOSED, body: {} }],
  ['post', `${OPS}/proposals/{id}/approve`, 404, { id: 'prp_none', body: {} }],
  ['get', `${OPS}/events/count`, 200, { query: '?from=2026-01-01' }],
  ['get', `${OPS}/events/count`, 409, { query: '?from=yesterday' }],
  ...readFaults(`${OPS}/events/count`, true),
  ['get', `${OPS}/events/replays`, 200],
  ...readFaults(`${OPS}/events/replays`),
  ...actionFaults(`${OPS}/proposals/{id}/approve`, { why: 1 }),
  ['post', `${OPS}/proposals/{id}/withdraw`, 409, { id: PROPOSED, body: {} }],
  ['post', `${OPS}/proposals/{id}/withdraw`, 404, { id: 'prp_none', body: {} }],
  ...actionFaults(`${OPS}/proposals/{id}/withdraw`, { why: 1 }),
  ['get', '/api/authurl/s2s/{transId}', 404],
  ['get', '/api/authurl/s2s/{transId}', 431, { headers: TOO_LONG }],
  ['get', '/.well-known/jwks.json', 431, { key: null, headers: TOO_LONG }],
  ['get', '/livez', 200],
  ['get', '/livez', 431, { headers: TOO_LONG }],
  ['get', '/readyz', 431, { headers: TOO_LONG }],
  ['get', '/metrics', 431, { headers: TOO_LONG }],
  ['get', '/readyz', 200],
  ['get', '/metrics', 200],
];

/**
 * Responses that need too many requests, an outage, a gateway's reply or a second operator, or that
 * do not end: tested in request-limits.int-spec.ts, outage.int-spec.ts, drop-in.int-spec.ts,
 * actions.int-spec.ts and overview.int-spec.ts. The limits of a lane conflict only with a change in
 * the same moment.
 */
const SHOWN_ELSEWHERE =
  /(429|503)$|^\w+ \/api\/.* (200|403|504)$|^post \/v1\/ops\/(?:refunds|proposals)\/.* 200$|\/live 200$|^patch .* 409$/;

async function idOf(id: unknown): Promise<string> {
  if (id === DOUBTFUL) return doubtfulId;
  if (id === PROPOSED) return proposalId;
  if (id === SUCCEEDED) return succeededId;
  if (id !== REFUNDED) return String(id);
  const { rows } = await rig.pool.query<{ id: string }>('SELECT id FROM refunds');
  return rows[0]?.id ?? 'none';
}

async function send(method: string, path: string, request: RequestBody): Promise<Answer> {
  const isOps = path.startsWith(OPS);
  const { id = paymentId, query = '', scopes, headers } = request;
  const { key = isOps ? opsKey : merchant.key } = request;
  const body = request['body'] === OPS_KEY ? { key: opsKey } : request['body'];
  const newKey = (wanted: string[]) =>
    isOps ? rig.addOpsKey(wanted) : rig.addKey(merchant.id, wanted);
  const usedKey = scopes ? await newKey(scopes as string[]) : key;
  const address = path.replace(/\{\w+\}/, await idOf(id)) + String(query);
  return rig.ask(method.toUpperCase(), address, {
    ...(typeof usedKey === 'string' && { key: usedKey }),
    ...(body !== undefined && { body }),
    ...(headers !== undefined && {
      headers: headers === OWN ? { origin: rig.url } : (headers as Record<string, string>),
    }),
  });
}

function faultsOf({ headers, body }: Answer, documented: ResponseObject): unknown {
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  if (documented.content === undefined) return type === '' ? null : 'a body';
  const schema = documented.content[type]?.schema;
  if (!schema) return `${type} is not documented`;
  if (type === 'text/plain') return typeof body['text'] === 'string' ? null : 'no text';
  const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as AnySchema;
  const isValid = ajv.compile(absolute);
  return isValid(body) ? null : isValid.errors;
}

describe('the running API answers as documented', () => {
  it.each(CASES)('%s %s with %i', async (method, path, status, request = {}) => {
    const answer = await send(method, path, request);
    expect(answer.status).toBe(status);
    const documented = document.paths[path]?.[method]?.responses[status];
    if (!documented) throw new Error('this response is not documented');
    expect(faultsOf(answer, documented)).toBeNull();
    // 431 comes before there is a request to name; its body has an id.
    const named = status === 431 ? [] : ['x-request-id'];
    const required = [...named, ...(status === 401 ? ['www-authenticate'] : [])];
    for (const header of required) expect(answer.headers.get(header)).not.toBeNull();
  });

  it('for every documented response', () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { responses }]) =>
        Object.keys(responses).map((status) => `${method} ${path} ${status}`),
      ),
    );
    const asked = CASES.map(([method, path, status]) => `${method} ${path} ${status}`);
    const unasked = documented.filter((answer) => !asked.includes(answer));
    expect(unasked.filter((answer) => !SHOWN_ELSEWHERE.test(answer))).toEqual([]);
  });

  it('and has exactly the documented routes below /v1', () => {
    const served = rig.routes
      .filter((route) => route.includes(' /v1/') && !route.startsWith('HEAD '))
      .map((route) => route.replaceAll(/:(\w+)/g, '{$1}'));
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const documentedBelowV1 = documented.filter((route) => route.includes(' /v1/'));
    expect(served.toSorted()).toEqual(documentedBelowV1.toSorted());
  });

  it('with no undocumented field in a payment', async () => {
    const { body } = await rig.ask('GET', `${COLLECTION}/${paymentId}`, { key: merchant.key });
    const schema = document.components.schemas['PaymentIntent'];
    expect(Object.keys(body).toSorted()).toEqual(Object.keys(schema?.properties ?? {}).toSorted());
  });
});

describe('the documentation page', () => {
  it('consists of our own files', async () => {
    const { status, body, headers } = await rig.ask('GET', '/docs');
    const page = String(body['text']);
    expect(status).toBe(200);
    expect(page).not.toMatch(/https?:/);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    const files = [...page.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, file]) =>
      String(file),
    );
    expect(files.length).toBeGreaterThanOrEqual(5);
    for (const file of files) expect((await rig.ask('GET', file)).status).toBe(200);
  });

  it('has no other files', async () => {
    for (const file of ['package.json', 'index.js', '..%2fdocs.controller.js']) {
      expect((await rig.ask('GET', `/docs/${file}`)).status).toBe(404);
    }
  });
});
