// Goal: a reader whose next events retention has deleted learns it from the response, and can
// continue. Method: the running api over real Postgres; the test ends payments as the worker does.
import { isQuittanceError, Quittance } from '@quittance/client';
import { Payments } from '@quittance/persistence';
import type { Pool, PoolClient } from 'pg';
import { eventually } from '../../../../test/support/eventually.js';
import { aPaidPayment } from '../../../../test/support/refunds.js';
import type { RequestBody } from '../../test/a-request.js';
import { type Answer, ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { EventLongPoll } from './event-long-poll.js';

let rig: ApiRig;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

/** Accepts a payment that is at rest. Resolves with its id. */
async function accept(of = merchant, on: Pool | PoolClient = rig.pool): Promise<string> {
  const { id: merchantId, terminalId } = of;
  const payment = aPaidPayment({ merchantId, terminalId, nextStepAt: null });
  const queries = { query: on.query.bind(on) } as unknown as Pool;
  await new Payments(queries).accept({ payment, terminalName: 'main', sealedCard: null });
  return payment.id;
}

const end = (id: string, on: Pool | PoolClient = rig.pool) =>
  on.query('SELECT end_payments($1, now())', [[id]]);

const ask = (query: string, options: { of?: TestMerchant; prefer?: string } = {}) => {
  const { of = merchant, prefer } = options;
  const headers: Readonly<Record<string, string>> = prefer === undefined ? {} : { prefer };
  return rig.ask('GET', `/v1/events?${query}`, { key: of.key, headers });
};

const subjectsOf = ({ body }: Answer) =>
  (body['data'] as readonly RequestBody[]).map(({ subject }) => subject);

/** Resolves with the cursor once the list shows these events. */
async function cursorBehind(of: TestMerchant, ids: readonly string[]): Promise<string> {
  return eventually(async () => {
    const answer = await ask(`limit=${ids.length}`, { of });
    expect(subjectsOf(answer)).toEqual(ids);
    return String(answer.body['next']);
  });
}

it('gets 410 with the field, and a cursor that continues with what is left', async () => {
  const [first, second, third] = [await accept(), await accept(), await accept()];
  const cursor = await cursorBehind(merchant, [first]);
  await end(second);
  const answer = await ask(`after=${cursor}`);
  expect([answer.status, answer.body]).toEqual([
    410,
    {
      type: 'urn:quittance:problem:events_ended',
      title: 'Gone',
      status: 410,
      code: 'events_ended',
      detail: expect.stringContaining('Read your payments and refunds for what you missed'),
      request_id: expect.any(String),
      errors: [{ path: 'after', code: 'events_ended', message: expect.any(String) }],
      next: expect.any(String),
    },
  ]);
  const rest = await eventually(async () => {
    const read = await ask(`after=${String(answer.body['next'])}`);
    expect(subjectsOf(read)).toEqual([third]);
    return read;
  });
  expect((await ask(`after=${String(rest.body['next'])}`)).status).toBe(200);
});

it('gets none at a cursor behind everything that was deleted, nor without one', async () => {
  const [first, second] = [await accept(), await accept()];
  const cursor = await cursorBehind(merchant, [first, second]);
  await end(second);
  expect((await ask(`after=${cursor}`)).status).toBe(200);
  const begun = await ask('limit=1');
  expect(subjectsOf(begun)).toEqual([first]);
  expect((await ask(`after=${String(begun.body['next'])}`)).status).toBe(200);
});

it('gets it for events of its own merchant alone', async () => {
  const other = await rig.addMerchant();
  const [mine, theirs] = [await accept(), await accept(other)];
  const [mineNext, theirsNext] = [await accept(), await accept(other)];
  const cursor = await cursorBehind(merchant, [mine]);
  const theirCursor = await cursorBehind(other, [theirs]);
  await end(theirsNext);
  await eventually(async () =>
    expect(subjectsOf(await ask(`after=${cursor}`))).toEqual([mineNext]),
  );
  expect((await ask(`after=${theirCursor}`, { of: other })).status).toBe(410);
});

it('gets it when it asks for other types, whose events may be among them', async () => {
  const [first, second] = [await accept(), await accept()];
  const cursor = await cursorBehind(merchant, [first]);
  await end(second);
  expect((await ask(`after=${cursor}&type=refund.*`)).status).toBe(410);
});

it('gets it from a response that is held', async () => {
  const cursor = await cursorBehind(merchant, [await accept()]);
  const held = ask(`after=${cursor}`, { prefer: 'wait=30' });
  await eventually(async () => expect(rig.app.get(EventLongPoll, { strict: false }).held).toBe(1));
  const client = await rig.pool.connect();
  await client.query('BEGIN');
  await end(await accept(merchant, client), client);
  await client.query('COMMIT');
  client.release();
  expect((await held).status).toBe(410);
});

it('gets it from the client as an error with the cursor that continues', async () => {
  const { events } = new Quittance({ baseUrl: rig.url, apiKey: merchant.key });
  const [first, second, third] = [await accept(), await accept(), await accept()];
  let after = await cursorBehind(merchant, [first]);
  await end(second);
  const seen: string[] = [];
  const missed: string[] = [];
  await eventually(async () => {
    try {
      for await (const page of events.pages({ after })) {
        after = page.next ?? after;
        seen.push(...page.data.map(({ subject }) => subject));
      }
    } catch (error) {
      if (!isQuittanceError(error) || error.code !== 'events_ended') throw error;
      missed.push(after);
      after = error.next;
    }
    expect(seen).toEqual([third]);
  });
  expect(missed).toHaveLength(1);
});
