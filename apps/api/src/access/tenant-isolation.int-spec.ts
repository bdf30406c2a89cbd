// Goal: no route shows or changes an object of another merchant, requires less than its scope, or
// is missing here. Method: call every operation of the OpenAPI document and every route that the
// app serves, over real Postgres.
import { aRequest } from '../../test/a-request.js';
import { ApiRig, type Answer, type TestMerchant } from '../../test/api-rig.js';
import { TestWorker } from '../../test/test-worker.js';
import { openApiDocument } from '../openapi/document.js';
import type { OperationObject } from '../openapi/operation.js';
import { isOpsScope, merchantScopes, scopes as allScopes } from '@quittance/api-keys';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly described: OperationObject;
}

const operations: Operation[] = Object.entries(openApiDocument().paths).flatMap(
  ([path, byMethod]) =>
    Object.entries(byMethod).map(([method, described]) => ({
      method: method.toUpperCase(),
      path,
      described,
    })),
);
const named = ({ method, path }: Operation) => `${method} ${path}`;
const guarded = operations.filter(({ described }) => described.security.length > 0);
/** Operators see the objects of all merchants. */
const ofMerchants = guarded.filter(({ path }) => !path.startsWith('/v1/ops/'));
const withId = ofMerchants.filter(({ path }) => path.includes('{'));
const withoutId = ofMerchants.filter(({ path }) => !path.includes('{'));

let rig: ApiRig;
let owner: TestMerchant;
let stranger: TestMerchant;
/** The owner's objects by the prefix of their ids, and ids of the same form that do not exist. */
let owned: ReadonlyMap<string, string>;

beforeAll(async () => {
  rig = await ApiRig.start({ env: { ADDRESS_REQUESTS_PER_MINUTE: '1000' } });
  [owner, stranger] = [await rig.addMerchant(), await rig.addMerchant()];
  const payment = String((await rig.create(owner, { reference: 'OWNED' })).body['id']);
  const worker = await TestWorker.start(rig);
  await worker.open(payment);
  await worker.report(payment);
  await worker.stop();
  const { key } = owner;
  const body = { reference: 'OWNED-REFUND', amount: '1.00' };
  const refund = await rig.ask('POST', `/v1/payment-intents/${payment}/refunds`, { key, body });
  const line = aRequest({ reference: 'OWNED-LINE' });
  const headers = { 'content-type': 'application/x-ndjson' };
  const batch = await rig.ask('POST', '/v1/payment-intents/batch', { key, body: line, headers });
  owned = new Map([
    ['bat', batch.headers.get('batch-id') ?? ''],
    ['pi', payment],
    ['prp', await rig.addProposal(payment)],
    ['re', String(refund.body['id'])],
  ]);
});
afterAll(() => rig.stop());

/** Names in paths of operators, which belong to no merchant. */
const NAMES: Readonly<Record<string, string>> = { name: 'default', queue: 'submission-default' };

/** Returns the path with an id of the kind that the document names for the parameter, `pi_…`. */
function addressed({ path, described }: Operation, idOf: (prefix: string) => string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (path.startsWith('/v1/ops/') && NAMES[name] !== undefined) return NAMES[name];
    const parameter = described.parameters?.find((one) => one.in === 'path' && one.name === name);
    const [, prefix] = /`([a-z]+)_…`/.exec(parameter?.description ?? '') ?? [];
    if (prefix === undefined || !owned.has(prefix)) {
      throw new Error(`${path}: {${name}} is of a kind that this test has no object for`);
    }
    return idOf(prefix);
  });
}

const ownId = (prefix: string) => owned.get(prefix) ?? '';
const absentId = (prefix: string) => `${prefix}_00000000000000000000000000`;

/** Sends an operation as its document describes it. */
function send(operation: Operation, key: string | undefined, idOf: (prefix: string) => string) {
  if (operation.path.endsWith('/live')) return follow(operation, key);
  const [[type, content] = []] = Object.entries(operation.described.requestBody?.content ?? {});
  const [example] = Object.values(content?.examples ?? {});
  return rig.ask(operation.method, addressed(operation, idOf), {
    key,
    ...(example && { body: example.value }),
    ...(type !== undefined && { headers: { 'content-type': type } }),
  });
}

/** Sends an operation whose response does not end, and leaves it once it has begun. */
async function follow({ path }: Operation, key: string | undefined): Promise<Answer> {
  const headers = { ...(key !== undefined && { authorization: `Bearer ${key}` }) };
  const response = await fetch(`${rig.url}${path}`, { headers });
  const { status } = response;
  if (status !== 200) return { status, headers: response.headers, body: await bodyOf(response) };
  await response.body?.cancel();
  return { status, headers: response.headers, body: {} };
}
const bodyOf = async (response: Response) => (await response.json()) as Answer['body'];

const withoutRequest = ({ status, body }: Answer) => ({
  status,
  body: { ...body, request_id: '' },
});

describe("another merchant's object", () => {
  it.each(withId.map((operation) => [named(operation), operation] as const))(
    'is not found by %s, exactly like one that does not exist',
    async (_, operation) => {
      const foreign = await send(operation, stranger.key, ownId);
      const absent = await send(operation, stranger.key, absentId);
      expect(foreign.status).toBe(404);
      expect(withoutRequest(foreign)).toEqual(withoutRequest(absent));
      // The id was valid: the owner finds the object.
      expect((await send(operation, owner.key, ownId)).status).not.toBe(404);
    },
  );

  it.each(withoutId.map((operation) => [named(operation), operation] as const))(
    'is in no response of %s',
    async (_, operation) => {
      const answer = await send(operation, stranger.key, ownId);
      const text = JSON.stringify(answer.body);
      for (const id of [...owned.values(), owner.id, owner.terminalId, 'OWNED']) {
        expect(text).not.toContain(id);
      }
    },
  );

  it('is not in a list that continues from its cursor', async () => {
    for (const path of ['/v1/events', '/v1/payment-intents']) {
      const { body } = await rig.ask('GET', `${path}?limit=1`, { key: owner.key });
      const after = encodeURIComponent(String(body['next']));
      const answer = await rig.ask('GET', `${path}?after=${after}`, { key: stranger.key });
      expect(JSON.stringify(answer.body)).not.toContain(ownId('pi'));
    }
  });

  it('is not found by a reference that both merchants use', async () => {
    const answer = await rig.create(stranger, { reference: 'OWNED' });
    expect(answer.status).toBe(202);
    expect(answer.body['id']).not.toBe(ownId('pi'));
  });
});

describe.each(guarded.map((operation) => [named(operation), operation] as const))(
  '%s',
  (_, operation) => {
    const needed = operation.described['x-required-scope'];

    it('requires a key', async () => {
      const answer = await send(operation, undefined, ownId);
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    });

    it(`accepts the scope ${String(needed)} and no other`, async () => {
      expect(allScopes).toContain(needed);
      for (const scope of allScopes) {
        const key = isOpsScope(scope)
          ? await rig.addOpsKey([scope])
          : await rig.addKey(stranger.id, [scope]);
        const { status } = await send(operation, key, absentId);
        if (scope === needed) expect([401, 403]).not.toContain(status);
        else expect({ scope, status }).toEqual({ scope, status: 403 });
      }
    });
  },
);

describe('every route that is served', () => {
  const OPEN = [
    /^\/$/,
    /^\/livez$/,
    /^\/readyz$/,
    /^\/metrics$/,
    /^\/openapi\.json$/,
    /^\/\.well-known\/jwks\.json$/,
    /^\/docs(\/:file)?$/,
    /^\/api\/(s2s|authurl)\//,
    /^\/api\/s2s$/,
    /^\/return\//,
    // Sign-in and sign-out check the caller themselves.
    /^\/v1\/ops\/session$/,
    // The files of the operations page hold no data.
    /^\/ops(?:\/\*)?$/,
  ];

  it('is documented with a scope, an ops page, or open on purpose', () => {
    const documented = new Set(guarded.map(named));
    const unexplained = rig.routes.filter((route) => {
      const [method = '', path = ''] = route.replaceAll(/:(\w+)/g, '{$1}').split(' ');
      const isDocumented = documented.has(`${method === 'HEAD' ? 'GET' : method} ${path}`);
      const isOpen = OPEN.some((open) => open.test(route.split(' ')[1] ?? ''));
      return !isDocumented && !isOpen && !path.startsWith('/ops/queues');
    });
    expect(rig.routes.length).toBeGreaterThan(30);
    expect(unexplained).toEqual([]);
  });

  it("below /ops requires ops:read to read and ops:write to change, and rejects a merchant's key", async () => {
    const merchants = await rig.addKey(stranger.id, merchantScopes);
    const looking = await rig.addOpsKey(['ops:read']);
    const changing = await rig.addOpsKey(['ops:write']);
    const routes = rig.routes.filter((route) => route.includes(' /ops/queues'));
    expect(routes.length).toBeGreaterThan(10);
    for (const route of routes) {
      const [method = '', template = ''] = route.split(' ');
      const path = template.replaceAll(/:\w+/g, 'none').replace('*', 'none');
      const statusWith = async (key?: string) => (await rig.ask(method, path, { key })).status;
      const isRead = method === 'GET' || method === 'HEAD';
      const refusals = [await statusWith(), await statusWith(merchants)];
      expect({ route, refusals }).toEqual({ route, refusals: [401, 403] });
      const lacking = await statusWith(isRead ? changing : looking);
      expect({ route, lacking }).toEqual({ route, lacking: 403 });
      expect([401, 403, 429]).not.toContain(await statusWith(isRead ? looking : changing));
    }
  });
});
