// Goal: a file of payments is imported once, whatever breaks, and no card of it shows anywhere.
// Method: the operator's command line against the running api.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiRig, type TestMerchant } from '../../apps/api/test/api-rig.js';
import { runCli } from '../../apps/operator/src/run-cli.js';

const HEADER =
  'reference,terminal,amount,currency,product_name,method,return_url,card.number,card.cvv,card.exp_month,card.exp_year,customer.address.city,metadata.cart.no';
const CARD = '4012000033330026';
const row = (reference: string, amount = '11.11', number = CARD) =>
  `${reference},main,${amount},EUR,"Two, ""good"" tickets",CC,https://shop.example/r,${number},123,01,30,Circleville,c-7`;

let rig: ApiRig;
let merchant: TestMerchant;
let folder: string;
let path: string;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
  folder = mkdtempSync(join(tmpdir(), 'import-'));
  path = join(folder, 'payments.csv');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...rows: readonly string[]) => writeFileSync(path, [HEADER, ...rows, ''].join('\n'));
const report = () => readFileSync(`${path}.refused.csv`, 'utf8');

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, isTerminal = false) {
  const result = { out: '', err: '' };
  const exitCode = await runCli(['import', ...args], {
    env: { QUITTANCE_URL: rig.url, QUITTANCE_API_KEY: merchant.key, ...env },
    stdin: () => Promise.resolve(''),
    isTerminal,
    version: '1.2.3',
    print: (text) => void (result.out += text),
    remark: (text) => void (result.err += text),
  });
  return { exitCode, ...result };
}

const payments = () =>
  rig.count('SELECT count(*) FROM payment_intents WHERE merchant_id = $1', [merchant.id]);

it('makes a payment of each row, and encrypts its card before it is sent', async () => {
  write(row('A-1'), row('A-2'), row('A-3'));
  const { exitCode, out, err } = await run([path], {}, true);
  expect({ exitCode, err: err.split('\r').at(-1) }).toEqual({
    exitCode: 0,
    err: `[${'='.repeat(30)}] 100 %: 3 of 3 rows, 0 refused\n`,
  });
  expect(out).toMatch(/^import-[0-9a-f]{32}: 3 rows, 3 accepted, 0 replayed, 0 refused\n$/);
  const { rows } = await rig.pool.query<{ card: unknown; metadata: unknown; product_name: string }>(
    'SELECT card_first6 AS card, metadata, product_name FROM payment_intents WHERE merchant_id = $1',
    [merchant.id],
  );
  expect(rows[0]).toEqual({
    card: null,
    metadata: { 'cart.no': 'c-7' },
    product_name: 'Two, "good" tickets',
  });
});

it('reports refused rows without their cards, and imports the others', async () => {
  write(row('B-1'), row('B-2', 'x', '4111111111111111'), row('=B-3', '1.00'), row(CARD, '1.00'));
  const { exitCode, out, err } = await run([path]);
  expect(exitCode).toBe(1);
  expect(out).toContain('1 accepted, 0 replayed, 3 refused');
  expect(err).toContain(`3 rows were refused; see ${path}.refused.csv.`);
  const [header, ...lines] = report().trimEnd().split('\n');
  expect(header).toBe('row,reference,status,code,field,fault,message');
  expect(lines).toContainEqual(
    '2,B-2,422,validation_failed,amount,invalid_format,"Must be a plain decimal such as ""11.11""."',
  );
  expect(lines.map((line) => line.split(',')[1])).toEqual(
    expect.arrayContaining(['B-2', "'=B-3", '[digits]']),
  );
  expect(report() + out + err + rig.logged.join('')).not.toMatch(
    /4012000033330026|4111111111111111/,
  );
});

it('continues where it broke off, and repeats nothing when it is run again', async () => {
  write(row('C-1'), row('C-2', 'x'), row('C-3'));
  expect(await run([path])).toMatchObject({ exitCode: 1 });
  expect(await payments()).toBe(2);
  await rig.pool.query('UPDATE payment_batches SET settled = 1, refused = 0, accepted = 1');
  const again = await run([path]);
  expect(again.err).toContain('1 of 3 rows are settled already.');
  expect(again.out).toContain('3 rows, 1 accepted, 1 replayed, 1 refused');
  expect(await payments()).toBe(2);
  const whole = await run([path], {}, true);
  expect(whole.err).toContain('100 %: 3 of 3 rows, 1 refused');
  expect(whole.err).toContain('3 of 3 rows are settled already.');
  const { out } = await run([path, '--json']);
  expect(JSON.parse(out)).toMatchObject({ rows: 3, refused: 1, report: `${path}.refused.csv` });
});

it('says how to continue when the API does not answer', async () => {
  write(row('D-1'));
  const { exitCode, err } = await run([path], { QUITTANCE_URL: 'http://127.0.0.1:9' });
  expect(exitCode).toBe(1);
  expect(err).toContain('The API does not answer. Run the same command again to continue.');
});

it.each([
  ['a row with too many cells', `${row('E-1')}\n${row('E-2')},4012000033330026\n`, /Line 3 /],
  ['an open quote', `${row('E-1')}\nE-2,"4012000033330026`, /is not CSV at line 3/],
])('sends nothing of a file with %s, and quotes none of it', async (_, text, reason) => {
  write(text);
  const { exitCode, err } = await run([path]);
  expect(exitCode).toBe(1);
  expect(err).toMatch(reason);
  expect(err).not.toMatch(/4012/);
  expect(await payments()).toBe(0);
});

it.each([
  ['reference,card number', 'see column 2'],
  ['reference,__proto__.x', 'see column 2'],
  [`${CARD},reference`, 'see column 1'],
  ['reference,reference', 'Two columns are named reference.'],
])('refuses the header %s', async (header, reason) => {
  writeFileSync(path, `${header}\na,b\n`);
  const { exitCode, err } = await run([path]);
  expect({ exitCode, isNamed: err.includes(reason) }).toEqual({ exitCode: 1, isNamed: true });
});

it.each([
  ['a key', { QUITTANCE_API_KEY: '' }, 'Set QUITTANCE_API_KEY'],
  ['a valid key', { QUITTANCE_API_KEY: `qk_${'x'.repeat(43)}` }, 'A valid API key is required.'],
])('needs %s', async (_, env, reason) => {
  write(row('F-1'));
  const { exitCode, err } = await run([path], env);
  expect({ exitCode, isNamed: err.includes(reason) }).toEqual({ exitCode: 1, isNamed: true });
});

it('needs a file', async () => {
  const { exitCode, err } = await run([join(folder, 'none.csv')]);
  expect(exitCode).toBe(1);
  expect(err).toMatch(/There is no file/);
  expect(existsSync(join(folder, 'none.csv.refused.csv'))).toBe(false);
});
