// Goal: the api reads lists, events and long charts over DATABASE_READ_URL and each merchant's own
// alone, decides nothing by it, and answers without it. Method: the running api, whose replica is
// its own database behind a link of its own, which the test cuts and freezes.
import { eventually } from '../../../../test/support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { linkTo, type SeverableLink } from '../../../../test/support/severable-link.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';

let rig: ApiRig;
let link: SeverableLink;
let merchant: TestMerchant;

beforeAll(async () => {
  // Led to the rig's database once that is there.
  link = await linkTo('postgres://quittance_api@127.0.0.1:1/none');
  rig = await ApiRig.start({
    readUrl: (database) => {
      const url = new URL(database.urlAs('api'));
      link.leadTo(url.href);
      url.host = new URL(link.url).host;
      return url.href;
    },
  });
  merchant = await rig.addMerchant();
});
afterAll(async () => {
  await rig.stop();
  await link.cut();
});

async function fallbacks(): Promise<number> {
  const metric = rig.metrics.registry.getSingleMetric('quittance_replica_fallbacks_total');
  const { values } = (await metric?.get()) ?? { values: [] };
  return values.reduce((sum, { value }) => sum + value, 0);
}

/** Returns the length of a list, and whether the replica answered. */
async function listed(path: string, key = merchant.key) {
  const before = await fallbacks();
  const { status, body } = await rig.ask('GET', path, { key });
  expect(status).toBe(200);
  return {
    length: (body['data'] as unknown[]).length,
    isOfReplica: (await fallbacks()) === before,
  };
}

const LISTS = ['/v1/payment-intents', '/v1/refunds', '/v1/events'];

it.each(LISTS)('%s has the merchant’s own alone', async (path) => {
  const stranger = await rig.addMerchant();
  await rig.create(stranger);
  await eventually(async () => expect((await listed(path)).isOfReplica).toBe(true));
  expect(await listed(path)).toEqual({ length: 0, isOfReplica: true });
  const own = path === '/v1/refunds' ? 0 : 1;
  await eventually(async () =>
    expect(await listed(path, stranger.key)).toEqual({ length: own, isOfReplica: true }),
  );
});

it('answers without the replica, and a held request with what it has not', async () => {
  const reference = 'DECIDES';
  await link.cut();
  const { status, body } = await rig.create(merchant, { reference });
  expect(status).toBe(202);
  const read = await rig.ask('GET', `/v1/payment-intents/${String(body['id'])}`, merchant);
  expect(read.status).toBe(200);
  expect(await listed(`/v1/payment-intents?reference=${reference}`)).toEqual({
    length: 1,
    isOfReplica: true,
  });
  expect(await listed('/v1/payment-intents')).toEqual({ length: 1, isOfReplica: false });
  await eventually(async () => expect((await listed('/v1/events')).length).toBe(1));
});

describe('the start', () => {
  let other: TestDatabase;
  beforeAll(async () => {
    other = await createTestDatabase();
  });
  afterAll(() => other.drop());

  it('is refused with another database', async () => {
    await expect(ApiRig.start({ readUrl: () => other.urlAs('api') })).rejects.toThrow(
      'DATABASE_READ_URL',
    );
  });

  it('needs no replica', async () => {
    const without = await ApiRig.start({ readUrl: () => 'postgres://x@127.0.0.1:1/none' });
    const { key } = await without.addMerchant();
    expect((await without.ask('GET', '/v1/payment-intents', { key })).status).toBe(200);
    await without.stop();
  });
});
