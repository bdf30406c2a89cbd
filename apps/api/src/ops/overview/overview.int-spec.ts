// Goal: charts have their series and each second as it passes, at the cost of one query for all
// listeners, and a listener hears nothing after its session. Method: the running api, real sockets;
// the test plays the processes that write samples.
import { jest } from '@jest/globals';
import { GaugeSamples, Samples } from '@quittance/persistence';
import { Pool } from 'pg';
import { eventually } from '../../../../../test/support/eventually.js';
import type { RequestBody } from '../../../test/a-request.js';
import { ApiRig } from '../../../test/api-rig.js';

const OVERVIEW = '/v1/ops/overview';
const LIVE = `${OVERVIEW}/live`;
let rig: ApiRig;
let key: string;
const open = new Set<AbortController>();

beforeAll(async () => {
  rig = await ApiRig.start({ env: { KEY_REQUESTS_PER_SECOND: '1000' } });
  key = await rig.addOpsKey(['ops:read']);
});
afterEach(() => {
  for (const listener of open) listener.abort();
  open.clear();
});
afterAll(() => rig.stop());

interface Listener {
  readonly status: number;
  readonly headers: Headers;
  /** The seconds so far. */
  readonly seconds: RequestBody[];
  readonly isEnded: () => boolean;
  readonly leave: () => void;
}

async function listen(headers: Record<string, string>): Promise<Listener> {
  const controller = new AbortController();
  open.add(controller);
  const response = await fetch(`${rig.url}${LIVE}`, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: controller.signal,
  });
  const seconds: RequestBody[] = [];
  let isEnded = false;
  const read = async () => {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = `${text}${chunk}`.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const [, data] = /^event: second\nid: \d+\ndata: (.*)$/.exec(event) ?? [];
        if (data !== undefined) seconds.push(JSON.parse(data) as RequestBody);
      }
    }
  };
  void read()
    .catch(() => undefined)
    .finally(() => (isEnded = true));
  const { status } = response;
  return {
    status,
    headers: response.headers,
    seconds,
    isEnded: () => isEnded,
    leave: () => controller.abort(),
  };
}
const withKey = () => ({ authorization: `Bearer ${key}` });
async function signedIn(holder: string): Promise<{ cookie: string }> {
  const opsKey = await rig.addOpsKey(['ops:read'], holder);
  const headers = { origin: rig.url };
  const answer = await rig.ask('POST', '/v1/ops/session', { body: { key: opsKey }, headers });
  return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}
const someSeconds = (listener: Listener, count = 1) =>
  eventually(() => expect(listener.seconds.length).toBeGreaterThanOrEqual(count));

it('returns the series of a range, to operators only', async () => {
  const samples = new Samples(rig.pool);
  await samples.add([
    { lane: 'a', metric: 'accepted', value: 3 },
    { lane: 'b', metric: 'accepted', value: 4 },
  ]);
  await new GaugeSamples(rig.pool).write();
  await rig.pool.query(`UPDATE samples SET at = at - interval '70 seconds'`);
  const { status, body } = await rig.ask('GET', `${OVERVIEW}?range=15m`, { key });
  expect(status).toBe(200);
  expect(body).toMatchObject({ object: 'overview', range: '15m', step_seconds: 10 });
  const accepted = body['accepted'] as number[];
  expect(accepted).toHaveLength(90);
  expect(accepted.reduce((sum, value) => sum + value)).toBe(7);
  const inDoubt = body['in_doubt'] as (number | null)[];
  expect(inDoubt.filter((value) => value === 0)).toHaveLength(1);
  // The minute of a minute ago is over, and no worker has summed it.
  const hour = (await rig.ask('GET', OVERVIEW, { key })).body;
  expect(hour).toMatchObject({ range: '1h', step_seconds: 60 });
  const minutes = hour['accepted'] as number[];
  expect(minutes.reduce((sum, value) => sum + value)).toBe(7);
  const merchant = await rig.addMerchant();
  expect((await rig.ask('GET', OVERVIEW, { key: merchant.key })).status).toBe(403);
  expect((await rig.ask('GET', LIVE, { key: merchant.key })).status).toBe(403);
  expect((await rig.ask('GET', `${OVERVIEW}?range=2h`, { key })).status).toBe(422);
});

it('streams each second once, to a key and to a session', async () => {
  const listeners = [await listen(withKey()), await listen(await signedIn('wall'))];
  await new Samples(rig.pool).add([{ lane: 'a', metric: 'ended_succeeded', value: 5 }]);
  for (const listener of listeners) {
    await eventually(() => {
      const succeeded = listener.seconds.map(({ succeeded: value }) => Number(value));
      expect(succeeded.reduce((sum, value) => sum + value, 0)).toBe(5);
    });
    await someSeconds(listener, 4);
    const times = listener.seconds.map(({ at }) => Number(at));
    expect(times).toEqual(times.map((_, index) => Number(times[0]) + index));
    expect(listener.headers.get('content-type')).toBe('text/event-stream');
    expect(listener.headers.get('cache-control')).toBe('no-store');
  }
});

it('reads Postgres once a second, however many listen', async () => {
  const many = { authorization: `Bearer ${await rig.addOpsKey(['ops:read'], 'many')}` };
  const query = jest.spyOn(rig.app.get(Pool, { strict: false }), 'query');
  const named = (name: string) =>
    query.mock.calls.filter(([one]) => (one as { name?: string }).name === name).length;
  const listeners = await Promise.all(Array.from({ length: 20 }, () => listen(many)));
  for (const listener of listeners) await someSeconds(listener, 4);
  const seconds = Math.max(...listeners.map((listener) => listener.seconds.length));
  // One look may find several seconds on a busy machine.
  expect(named('read_samples_1')).toBeGreaterThan(0);
  expect(named('read_samples_1')).toBeLessThanOrEqual(seconds + 1);
  query.mockRestore();
});

it.each([
  [
    'its sign-out',
    (headers: Record<string, string>) =>
      rig.ask('DELETE', '/v1/ops/session', { headers: { ...headers, origin: rig.url } }),
  ],
  [
    '15 idle minutes',
    () =>
      rig.pool.query(
        `UPDATE operator_sessions SET seen_at = created_at - interval '16 minutes', created_at = created_at - interval '1 hour'`,
      ),
  ],
  [
    'the revocation of its key',
    () => rig.pool.query(`UPDATE api_keys SET revoked_at = now() WHERE holder = 'gone'`),
  ],
])('ends with %s', async (_, end) => {
  const session = await signedIn('gone');
  const [ended, other] = [await listen(session), await listen(withKey())];
  await someSeconds(ended);
  await end(session);
  await eventually(() => expect(ended.isEnded()).toBe(true));
  expect(other.isEnded()).toBe(false);
  expect((await listen(session)).status).toBe(401);
});

it('is no use of a session', async () => {
  const session = await signedIn('still');
  await rig.pool.query(
    `UPDATE operator_sessions SET created_at = now() - interval '1 hour', seen_at = now() - interval '10 minutes'`,
  );
  expect((await listen(session)).status).toBe(200);
  const age = `SELECT EXTRACT(EPOCH FROM now() - max(seen_at)) AS count FROM operator_sessions`;
  expect(await rig.count(age)).toBeGreaterThan(590);
});

it('has room for twenty streams of a caller, and again when one leaves', async () => {
  const busy = { authorization: `Bearer ${await rig.addOpsKey(['ops:read'], 'busy')}` };
  const listeners = await Promise.all(Array.from({ length: 20 }, () => listen(busy)));
  expect(listeners.map(({ status }) => status)).toEqual(listeners.map(() => 200));
  const refused = await rig.ask('GET', LIVE, { headers: busy });
  expect(refused).toMatchObject({ status: 503, body: { code: 'too_many_listeners' } });
  expect((await listen(withKey())).status).toBe(200);
  listeners[0]?.leave();
  await eventually(async () => expect((await listen(busy)).status).toBe(200));
});

it('continues after an outage of Postgres', async () => {
  const listener = await listen(withKey());
  await someSeconds(listener);
  await rig.toPostgres.cut();
  const before = listener.seconds.length;
  await eventually(() => expect(rig.logged.join('')).toContain('"task":"live overview"'));
  await rig.toPostgres.mend();
  await someSeconds(listener, before + 2);
  expect(listener.isEnded()).toBe(false);
});

it('ends when the process stops, and does not hold up the stop', async () => {
  const other = await ApiRig.start();
  const opsKey = await other.addOpsKey(['ops:read']);
  const response = await fetch(`${other.url}${LIVE}`, {
    headers: { authorization: `Bearer ${opsKey}` },
  });
  const text = response.text();
  await other.stop();
  expect(await text).toContain('retry: 3000');
});
