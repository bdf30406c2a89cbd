// Goal: the payer's path follows protocol §4.2, §5.4 and §6.5: from authurl over the pages back to
// the shop.
import { generationNames, type GenerationName } from '../generation/generation.js';
import { RunningSandbox, type Answer } from '../testing/running-sandbox.fixture.js';
import { WebhookReceiver } from '../testing/webhook-receiver.fixture.js';

let sandbox: RunningSandbox;
let merchant: WebhookReceiver;
beforeAll(async () => {
  sandbox = await RunningSandbox.start();
  merchant = await WebhookReceiver.start();
});
afterAll(async () => {
  await sandbox.stop();
  await merchant.stop();
});

/** Follows redirects manually. Returns every address on the way and the last response. */
async function follow(url: string): Promise<{ path: string[]; last: Answer }> {
  const path = [new URL(url).pathname];
  let last = await sandbox.get(url.slice(sandbox.url.length));
  while (last.status === 307) {
    const next = new URL(last.headers.get('location') ?? '', sandbox.url);
    path.push(next.pathname);
    last = await sandbox.get(next.pathname + next.search);
  }
  return { path, last };
}

function locationOf(answer: Answer): URL {
  return new URL(answer.headers.get('location') ?? '');
}

describe.each(generationNames)('the payer in generation %s', (generation) => {
  beforeEach(async () => {
    await sandbox.reset(generation);
    merchant.clear();
  });

  const pages: Record<GenerationName, { otp: string[]; bank: string }> = {
    doc: { otp: ['auth_3ds', 'test3dsecureauthentication'], bank: 'auth_3ds' },
    a: { otp: ['auth_3ds', 'test3dsecureauthentication'], bank: 'auth_3ds' },
    b: { otp: ['otp-auth'], bank: 'apm-payment-cruise' },
  };

  it('with a 3DS test card is redirected to the OTP page, which works without a script', async () => {
    const { json } = await sandbox.create({
      ccno: '4111111111111111',
      product_name: '<b>Two</b> "tickets"',
    });
    const { path, last } = await follow(String(json['authurl']));
    expect(
      path.slice(1).map((step) => step.replace(/^\/api\/authurl\//, '').split('/')[0]),
    ).toEqual(pages[generation].otp.map((step) => (step === 'otp-auth' ? '' : step)));
    expect(last.status).toBe(200);
    expect(last.headers.get('content-type')).toBe('text/html;charset=UTF-8');
    expect(last.headers.get('content-security-policy')).toContain("script-src 'unsafe-inline'");
    expect(last.text).toContain(
      `<form method="post" action="/api/status/transid/${String(json['transID'])}">`,
    );
    expect(last.text).toContain('name="otp"');
    expect(last.text).toContain('name="test_auth" value="approved"');
    expect(last.text).toContain('name="test_auth" value="declined"');
    for (const shown of [
      '11.11 EUR',
      '411111XXXXXX1111',
      '&lt;b&gt;Two&lt;/b&gt; &quot;tickets&quot;',
      '123456',
    ]) {
      expect(last.text).toContain(shown);
    }
    expect(last.text).not.toContain('<b>Two');
  });

  it('posts the OTP form and is redirected by 307 with the result in the query, after the webhook', async () => {
    const returnUrl = 'https://shop.example/return?cart=c-77';
    const transId = await sandbox.created({
      ccno: '4111111111111111',
      return_url: returnUrl,
      webhook_url: merchant.url,
    });
    const answer = await sandbox.sendForm(`/api/status/transid/${transId}`, {
      otp: '123456',
      test_auth: 'approved',
    });
    expect(answer.status).toBe(307);
    expect(answer.headers.get('location')).toMatch(
      /^https:\/\/shop\.example\/return\?cart=c-77&&transID=\d+&/,
    );
    const query = Object.fromEntries(locationOf(answer).searchParams);
    expect(query).toMatchObject({
      cart: 'c-77',
      transID: transId,
      order_status: '25',
      bill_amt: '11.11',
      reference: 'ORD-1001',
    });
    expect(query).not.toHaveProperty('rrn');
    expect(merchant.bodies).toMatchObject([{ order_status: '25' }]);
  });

  it('with a wallet pays at the bank, returns to the gateway by GET, and is redirected', async () => {
    const { json } = await sandbox.create({
      mop: 'WALLET',
      ccno: '4242424242424242',
      webhook_url: merchant.url,
      reference: 'W-1',
    });
    expect(json['order_status']).toBe('0');
    const { path, last } = await follow(String(json['authurl']));
    expect(path.at(-1)).toBe(`/sandbox/bank/${String(json['transID'])}`);
    expect(path.some((step) => step.includes(pages[generation].bank))).toBe(true);
    expect(last.text).toContain('name="decision" value="approved"');
    const decided = await sandbox.sendForm(path.at(-1) ?? '', { decision: 'approved' });
    expect([decided.status, decided.headers.get('location')]).toEqual([
      303,
      `/api/status/transid/${String(json['transID'])}`,
    ]);
    const back = await sandbox.get(decided.headers.get('location') ?? '');
    expect(back.status).toBe(307);
    expect(locationOf(back).searchParams.get('order_status')).toBe('1');
    expect(merchant.bodies).toMatchObject([{ order_status: '1', reference: 'W-1' }]);
  });

  it.each([
    ['declined', '2'],
    ['cancelled', '23'],
  ])('that has %s at the bank returns with %s', async (decision, code) => {
    const transId = await sandbox.created({
      mop: 'WALLET',
      ccno: '4242424242424242',
      webhook_url: merchant.url,
    });
    await sandbox.sendForm(`/sandbox/bank/${transId}`, { decision });
    const back = await sandbox.get(`/api/status/transid/${transId}`);
    expect(locationOf(back).searchParams.get('order_status')).toBe(code);
  });

  it.each([
    [1, 400, 'authstatus is missing or invalid'],
    [2, 400, 'authstatus is missing or invalid'],
    [22, 200, 'Expired'],
    [25, 200, 'Test Approved'],
  ])('that opens authurl with the stored code %d gets a %d', async (code, status, words) => {
    const transId = await sandbox.createdAs(code);
    const answer = await sandbox.get(`/api/authurl/${transId}`);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(words);
  });

  it('that opens an unknown address gets a 404', async () => {
    const unknown = await sandbox.get('/api/authurl/100000000000000001');
    expect([unknown.status, unknown.json]).toEqual([404, { error: 'Transaction not found' }]);
    const unreadable = await sandbox.get('/api/authurl/ORD-1');
    expect([unreadable.status, unreadable.json['error_number']]).toEqual([404, '400']);
    for (const path of [
      '/api/authurl/auth_3ds/1',
      '/api/authurl/test3dsecureauthentication/1',
      '/otp-auth?transID=1',
      '/sandbox/bank/1',
    ]) {
      expect((await sandbox.get(path)).status).toBe(404);
    }
  });

  it('that has paid is not redirected to the bank again', async () => {
    const transId = await sandbox.created();
    expect((await sandbox.get(`/api/authurl/auth_3ds/${transId}`)).status).toBe(400);
  });

  it.each([
    ['shop.example/return', /^https:\/\/shop\.example\/return\?transID=/],
    ['http://127.0.0.1:1/zur%C3%BCck/ü', /^http:\/\/127\.0\.0\.1:1\/zur%C3%BCck\/%C3%BC\?transID=/],
    ['https://shop.example/#done', /^https:\/\/shop\.example\/#done\?transID=/],
  ])('is redirected to %s, joined as the server does it', async (returnUrl, location) => {
    const transId = await sandbox.created({ return_url: returnUrl });
    const answer = await sandbox.get(`/api/status/transid/${transId}`);
    expect(answer.headers.get('location')).toMatch(location);
  });

  it('gets JSON without a return_url', async () => {
    const transId = await sandbox.created({ return_url: '' });
    const answer = await sandbox.get(`/api/status/transid/${transId}`);
    expect([answer.status, answer.json['transID']]).toEqual([200, transId]);
  });
});

describe.each<GenerationName>(['doc', 'b'])(
  'an encrypted authurl in generation %s',
  (generation) => {
    it('leads to the same page', async () => {
      await sandbox.reset(generation);
      const { json } = await sandbox.createEncrypted({
        ccno: '4111111111111111',
        encryption_method: 'aes256',
      });
      expect(String(json['authurl'])).not.toContain(String(json['transID']));
      const { last } = await follow(String(json['authurl']));
      expect(last.text).toContain('Confirm your payment');
    });
  },
);

it('the return page shows all received fields, escaped', async () => {
  const answer = await sandbox.ask('POST', '/sandbox/return?transID=1', {
    body: new URLSearchParams({ otp: '123456', note: '<script>' }),
  });
  for (const words of ['by POST', 'transID', '123456', '&lt;script&gt;'])
    expect(answer.text).toContain(words);
});
