// Goal: unique_reference follows protocol §11, with its quirks.
import { type GenerationName } from '../generation/generation.js';
import {
  aPayment,
  keys,
  plainCard,
  RunningSandbox,
  siblingKeys,
  without,
  type Fields,
} from '../testing/running-sandbox.fixture.js';

let sandbox: RunningSandbox;
beforeAll(async () => (sandbox = await RunningSandbox.start()));
afterAll(() => sandbox.stop());

async function rows(reference = 'ORD-1001'): Promise<string[]> {
  return (await sandbox.ledger(reference)).data.map((row) => row.order_status);
}

describe.each<GenerationName>(['doc', 'b'])('unique_reference in generation %s', (generation) => {
  beforeEach(() => sandbox.reset(generation));
  const unique = { unique_reference: 'Y' };

  it('is off by default: the same reference charges again', async () => {
    await sandbox.create();
    await sandbox.create();
    expect(await rows()).toEqual(['25', '25']);
  });

  it('rejects a second payment with 5012 before checking its amount, even from another terminal of the merchant', async () => {
    await sandbox.create(unique);
    for (const fields of [{}, { public_key: siblingKeys.publicKey }, { bill_amt: '' }]) {
      const { status, json } = await sandbox.create({ ...unique, ...fields });
      expect([status, json['error_number']]).toEqual([400, '5012']);
      expect(json['error_message']).toBe('ORD-1001 - Unique reference already exists');
    }
    expect(await rows()).toEqual(['25']);
  });

  it('ignores other merchants’ payments', async () => {
    await sandbox.script('POST', '/sandbox/terminals', {
      number: 9,
      public_key: 'other',
      merchant: 'other',
    });
    await sandbox.create({ public_key: 'other' });
    expect((await sandbox.create(unique)).status).toBe(200);
  });

  it.each<[string, Fields]>([
    ['declined', { ccno: '4000000000000002' }],
    ['blocked', { bill_email: 'blocked@example.com', ccno: plainCard }],
  ])('counts a %s payment', async (_case, fields) => {
    await sandbox.create(fields);
    expect((await sandbox.create(unique)).json['error_number']).toBe('5012');
  });

  it('fails with 500 when two rows already share the reference', async () => {
    await sandbox.create();
    await sandbox.create();
    const { status, json } = await sandbox.create(unique);
    expect(status).toBe(500);
    expect(json).toMatchObject({ status: 'error', message: 'Error Invalid public_key format' });
  });

  it('fails with 500 without a reference', async () => {
    const answer = await sandbox.sendJson('/api/s2s', {
      ...without(aPayment, 'reference'),
      ...unique,
    });
    expect(answer.status).toBe(500);
  });

  it.each<Fields>([
    { unique_reference: 'y' },
    { unique_reference: true },
    { unique_reference: 'YES' },
  ])('ignores %j', async (fields) => {
    await sandbox.create();
    expect((await sandbox.create(fields)).status).toBe(200);
  });

  it('is ignored inside encrypted_data and works outside it', async () => {
    await sandbox.createEncrypted();
    expect((await sandbox.createEncrypted(unique)).status).toBe(200);
    await sandbox.reset(generation);
    await sandbox.createEncrypted();
    const beside = await sandbox.createEncrypted({}, { ...unique, reference: 'ORD-1001' });
    expect(beside.json['error_number']).toBe('5012');
  });

  it('is checked before decryption', async () => {
    await sandbox.create();
    const encrypted_data = `unreadable${keys.publicKey}`;
    const outer = { ...unique, reference: 'ORD-1001', encrypted_data };
    const answer = await sandbox.sendForm('/api/s2s/encrypt', outer);
    expect(answer.json['error_number']).toBe('5012');
  });

  it('reveals whether a reference exists, by a probe without an amount', async () => {
    const probe = { public_key: keys.publicKey, reference: 'ORD-1001', ...unique };
    expect((await sandbox.sendJson('/api/s2s', probe)).json['error_number']).toBe('1111');
    await sandbox.create();
    expect((await sandbox.sendJson('/api/s2s', probe)).json['error_number']).toBe('5012');
    expect(await rows()).toEqual(['25']);
  });
});

it('unique_reference does not exist in the older server', async () => {
  await sandbox.reset('a');
  await sandbox.create();
  expect((await sandbox.create({ unique_reference: 'Y' })).status).toBe(200);
});
