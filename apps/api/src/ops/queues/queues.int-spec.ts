// Goal: access to the queue pages for reads and changes, and the files that they load. Method: the
// running api.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { eventually } from '../../../../../test/support/eventually.js';
import type { RequestBody } from '../../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../../test/api-rig.js';

let rig: ApiRig;
let merchant: TestMerchant;
let readKey: string;
let writeKey: string;

beforeAll(async () => {
  rig = await ApiRig.start();
  merchant = await rig.addMerchant();
  readKey = await rig.addOpsKey(['ops:read']);
  writeKey = await rig.addOpsKey(['ops:read', 'ops:write'], 'bob');
});
afterAll(() => rig.stop());

/** The cookie of a session that a browser opened with this key. */
async function signedIn(key: string): Promise<string> {
  const headers = { origin: rig.url };
  const answer = await rig.ask('POST', '/v1/ops/session', { body: { key }, headers });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
const pause = '/ops/queues/api/queues/submission-default/pause';
const queues = async (key: string) => {
  const { body } = await rig.ask('GET', '/ops/queues/api/queues', { key });
  return body['queues'] as RequestBody[];
};

async function audited(queue: string): Promise<object[]> {
  const { rows } = await rig.pool.query<object>(
    `SELECT operator, after FROM operator_actions WHERE action = 'queue board' AND subject_id = $1`,
    [queue],
  );
  return rows;
}

describe('the queue pages', () => {
  it('send a browser without a session to the sign-in, and back', async () => {
    const page = '/ops/queues/queue/inquiry?status=failed';
    const answer = await fetch(`${rig.url}${page}`, {
      headers: { accept: 'text/html' },
      redirect: 'manual',
    });
    expect(answer.status).toBe(303);
    const [path, next] = answer.headers.get('location')?.split('?next=') ?? [];
    expect([path, decodeURIComponent(next ?? '')]).toEqual(['/ops/sign-in', page]);
    const headers = { cookie: await signedIn(readKey) };
    expect((await rig.ask('GET', '/ops/queues', { headers })).status).toBe(200);
  });

  it('answer a program without a key with 401', async () => {
    const answer = await rig.ask('GET', '/ops/queues/api/queues');
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it("reject a merchant's key in every part", async () => {
    const { key } = merchant;
    for (const path of ['', '/', '/api/queues', '/static/favicon.ico', '/queue/inquiry']) {
      expect((await rig.ask('GET', `/ops/queues${path}`, { key })).status).toBe(403);
    }
  });

  it('load nothing from other hosts', async () => {
    const { body, headers } = await rig.ask('GET', '/ops/queues', { key: readKey });
    const page = String(body['text']);
    expect(page).not.toMatch(/https?:/);
    expect(page).not.toContain('<%');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    const files = [...page.matchAll(/(?:src|href)="(static[^"]+)"/g)].map(([, file]) => file);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const answer = await rig.ask('GET', `/ops/queues/${file}`, { key: readKey });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/javascript|css|svg|png/);
    }
  });

  it.each(['/static/../../package.json', '/static/..%2f..%2fpackage.json', '/static/nope.js'])(
    'serve their own files only, not %s',
    async (path) => {
      expect((await rig.ask('GET', `/ops/queues${path}`, { key: readKey })).status).toBe(404);
    },
  );

  it('show every queue, with ids and events but no card in the jobs', async () => {
    await rig.create(merchant, { reference: 'SHOWN' });
    await eventually(async () => {
      const names = (await queues(readKey)).map(({ name }) => String(name));
      expect(names.toSorted()).toEqual([
        'events-orders',
        'inquiry',
        'payment-intents',
        'refund',
        'submission-default',
        'watch',
      ]);
      const waiting = '/ops/queues/api/queues?activeQueue=submission-default&status=prioritized';
      const { body } = await rig.ask('GET', waiting, { key: readKey });
      expect(JSON.stringify(body)).toContain('"paymentId":"pi_');
      expect(JSON.stringify(body)).not.toContain('4012000033330026');
    });
  });

  it('show the jobs of publishers without their content', async () => {
    const connection = new Redis(rig.redis.url);
    const { prefix } = rig.redis;
    const queue = new Queue('payment-intents', { connection, prefix });
    await queue.add('secret-name', { jws: 'secret-data' });
    const later = { delay: 3_600_000 };
    const job = await queue.add('payment.create.v1', { jws: 'secret-data' }, later);
    await job.updateProgress('secret-progress');
    await eventually(async () => expect(await queue.getFailedCount()).toBe(1));
    for (const status of ['failed', 'delayed']) {
      const path = `/ops/queues/api/queues?activeQueue=payment-intents&status=${status}`;
      const shown = JSON.stringify((await rig.ask('GET', path, { key: writeKey })).body);
      expect(shown).not.toContain('secret');
      expect(shown).toContain(status === 'failed' ? 'validation_failed' : 'payment.create.v1');
    }
    await queue.close();
    await connection.quit();
  });

  it('are read-only for ops:read but not for ops:write; those of other programs are read-only for all', async () => {
    for (const queue of await queues(readKey)) expect(queue['readOnlyMode']).toBe(true);
    for (const queue of await queues(writeKey)) {
      expect([queue['name'], queue['readOnlyMode']]).toEqual([
        queue['name'],
        queue['name'] === 'events-orders' || queue['name'] === 'payment-intents',
      ]);
    }
    const replay = '/ops/queues/api/queues/events-orders/retry/failed';
    expect((await rig.ask('PUT', replay, { key: writeKey })).status).toBe(405);
  });

  it('accept changes from ops:write only', async () => {
    const redis = new Redis(rig.redis.url);
    const isPaused = () => redis.hexists(`${rig.redis.prefix}:submission-default:meta`, 'paused');
    expect((await rig.ask('PUT', pause, { key: readKey })).status).toBe(403);
    expect(await isPaused()).toBe(0);
    expect(await audited('submission-default')).toEqual([]);
    expect((await rig.ask('PUT', pause, { key: writeKey })).status).toBe(200);
    expect(await isPaused()).toBe(1);
    const route = '/ops/queues/api/queues/:queueName/pause';
    expect(await audited('submission-default')).toEqual([
      { operator: 'bob', after: { key: expect.stringMatching(/^key_/), method: 'PUT', route } },
    ]);
    await redis.quit();
  });

  it('reject a change that cannot be audited', async () => {
    const resume = '/ops/queues/api/queues/submission-default/resume';
    const refuse = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON operator_actions EXECUTE FUNCTION refuse()`;
    const redis = new Redis(rig.redis.url);
    const isPaused = () => redis.hexists(`${rig.redis.prefix}:submission-default:meta`, 'paused');
    await rig.ask('PUT', pause, { key: writeKey });
    await rig.pool.query(refuse);
    expect((await rig.ask('PUT', resume, { key: writeKey })).status).toBe(500);
    expect(await isPaused()).toBe(1);
    await rig.pool.query('DROP FUNCTION refuse CASCADE');
    await redis.quit();
  });

  it('audit no text of a stranger, which might be a card number', async () => {
    for (const [queue, job] of [
      ['inquiry', '4012000033330026'],
      ['4012000033330026', 'x4012000033330026'],
    ]) {
      const path = `/ops/queues/api/queues/${queue}/${job}/retry`;
      expect((await rig.ask('PUT', path, { key: writeKey })).status).toBe(404);
    }
    const { rows } = await rig.pool.query('SELECT after::text, subject_id FROM operator_actions');
    expect(JSON.stringify(rows)).not.toContain('4012000033330026');
    expect(await audited('*')).toHaveLength(1);
  });

  it("accept a browser's changes from our own pages only", async () => {
    const resume = '/ops/queues/api/queues/submission-default/resume';
    const cookie = await signedIn(writeKey);
    const foreign = { headers: { cookie, origin: 'https://evil.example' } };
    expect((await rig.ask('PUT', resume, foreign)).status).toBe(403);
    expect((await rig.ask('PUT', resume, { headers: { cookie } })).status).toBe(403);
    const own = { headers: { cookie, origin: rig.url } };
    expect((await rig.ask('PUT', resume, own)).status).toBe(200);
    const reads = { headers: { cookie: await signedIn(readKey), origin: rig.url } };
    expect((await rig.ask('PUT', resume, reads)).status).toBe(403);
  });
});
