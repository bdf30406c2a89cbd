// Goal: no card number, CVV or key is anywhere but where it is sealed (PCI DSS 3.3, 3.4, 3.5, 10.3). Method: cards made for this run go
// down every path, with everything logging all it can; then every byte that was kept or shown is searched for every spelling.
import { randomInt } from 'node:crypto';
import { appendFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from '../tools/processes/session.mjs';
import { Driver, type CanaryCard, type TalkativeStack } from './leaks/drive.mjs';
import { placesOf } from './leaks/places.mjs';
import { leaksIn, needlesFor, needlesForCard, type Place } from './leaks/search.mjs';
import { startTalkativeStack } from './leaks/stack.mjs';

const PLAY_LIMIT_MS = 300_000;
const SCAN_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;

/** A Visa number nobody has, with a right check digit. */
function canary(name: string): CanaryCard {
  const digits = ['4', ...Array.from({ length: 14 }, () => String(randomInt(10)))];
  const weighted = digits.map((digit, at) => (at % 2 === 0 ? Number(digit) * 2 : Number(digit)));
  const sum = weighted.reduce((total, each) => total + (each > 9 ? each - 9 : each), 0);
  const number = `${digits.join('')}${(10 - (sum % 10)) % 10}`;
  return { name, number, cvv: String(randomInt(100, 1_000)) };
}

const session = new Session();
const [taken, refused] = [canary('a card that was taken'), canary('a card that was refused')];
let stack: TalkativeStack;
let driver: Driver;
let statuses: readonly string[];
let refusals: readonly number[];

beforeAll(async () => {
  stack = await startTalkativeStack(session);
  driver = new Driver(stack);
  refusals = await driver.mistakes(refused);
  statuses = await driver.gateway(taken);
  await driver.crashes(taken);
  await driver.outages(taken);
}, PLAY_LIMIT_MS);
afterAll(() => session.stop(), STOP_LIMIT_MS);

/** Private halves of every key set. */
function privateKeys(): readonly string[] {
  const files = readdirSync(stack.setup.keyFolder).filter((name) => name !== 'terminals.json');
  const sets = files.map((name) => readFileSync(join(stack.setup.keyFolder, name), 'utf8'));
  return sets.flatMap((text) =>
    [...text.matchAll(/"(?:d|k)": "([^"]+)"/g)].map(([, key]) => key ?? ''),
  );
}

const places = async (): Promise<readonly Place[]> => [
  ...(await placesOf(stack, { opsKey: stack.opsKey })),
  ...driver.answers,
];

const cards = [taken, refused].flatMap(needlesForCard);

it('walked the paths it is about', () => {
  const ends = ['succeeded', 'declined', 'expired', 'in_doubt', 'requires_action'];
  expect(statuses).toEqual(expect.arrayContaining(ends));
  expect(refusals).toEqual(expect.arrayContaining([400, 401, 404, 413, 415, 422]));
});

it(
  'finds no card anywhere',
  async () => {
    const all = await places();
    expect(all.length).toBeGreaterThan(200);
    expect(leaksIn(all, cards)).toEqual([]);
  },
  SCAN_LIMIT_MS,
);

it(
  'finds no key but with the gateway, which has it from us',
  async () => {
    const ours = (await places()).filter(({ name }) => !name.includes('sandbox'));
    const needles = [
      ...needlesFor('the API key', stack.apiKey),
      ...stack.terminals.flatMap(({ name, privateKey }) =>
        needlesFor(`key of ${name}`, privateKey),
      ),
      ...privateKeys().flatMap((key) => needlesFor('a private key', key)),
    ];
    expect(needles.length).toBeGreaterThan(100);
    expect(leaksIn(ours, needles)).toEqual([]);
  },
  SCAN_LIMIT_MS,
);

it('leaves no core file behind, because no process may write one', () => {
  for (const name of ['api', 'worker', 'webhook', 'orders']) {
    const limits = readFileSync(`/proc/${stack.process(name).pid}/limits`, 'utf8');
    expect(limits).toMatch(/Max core file size +0 +/);
  }
});

it(
  'would have found a leak in each of the places',
  async () => {
    const planted = canary('a planted card');
    const hidden = (how: BufferEncoding) => Buffer.from(`number ${planted.number}`).toString(how);
    await stack.servers.redis.command('SET', 'planted', hidden('base64'));
    await stack.query('CREATE TABLE planted AS SELECT $1::bytea AS held, $2::text AS told', [
      Buffer.from(planted.number),
      hidden('hex'),
    ]);
    appendFileSync(join(stack.setup.logFolder, 'worker.log'), `{"msg":"${planted.number}"}\n`);
    const found = leaksIn(await places(), needlesForCard(planted)).join('\n');
    for (const place of ['Redis file', 'Postgres file', 'table planted', 'log worker.log'])
      expect(found).toContain(place);
    // Postgres was told to log every value it is given.
    expect(found).toContain('leaks-postgres.log');
  },
  SCAN_LIMIT_MS,
);
