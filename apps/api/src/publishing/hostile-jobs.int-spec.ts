// Goal: whatever a publisher puts into the queue, each job ends as stored or as refused with a
// problem document, the consumer goes on, and no card in clear stays anywhere. Method: sound jobs
// with faults in name, data, signature, payload and options, drawn by fast-check, over real Redis
// and Postgres.
import type { Job, JobsOptions } from 'bullmq';
import fc from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import { aCard, type RequestBody } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { addSigner, Publisher } from '../../test/publisher.js';
import { eventually } from '../../../../test/support/eventually.js';
import { base64url, signedIntent, type Signer } from '../../../../test/support/signed-intent.js';

const NUMBER = '4012000033330026';
const GROUPED = '4012 0000 3333 0026';
const NAME = 'payment.create.v1';
const RUNS = 12;
/** Each waits for a search. */
const RAW_RUNS = 3;
const JOBS_MAX = 40;
const LIMIT_MS = 120_000;

let rig: ApiRig;
let publisher: Publisher;
let merchant: TestMerchant;
let signer: Signer;
let forger: Signer;
let sound: RequestBody;

beforeAll(async () => {
  rig = await ApiRig.start();
  publisher = await Publisher.start(rig);
  merchant = await rig.addMerchant();
  signer = await addSigner(rig, merchant.id);
  forger = { keyId: signer.keyId, privateKey: generateKeyPairSync('ed25519').privateKey };
  sound = await publisher.payload();
});
afterAll(async () => {
  await publisher.stop();
  await rig.stop();
});

/** A job before it is added. A fault changes it in place. */
interface Draft {
  name: string;
  payload: unknown;
  header: RequestBody;
  signer: Signer;
  /** Changes the text of the JWS. */
  readonly ofJws: ((jws: string) => unknown)[];
  /** Changes the data. */
  readonly ofData: ((data: RequestBody) => unknown)[];
  options: JobsOptions;
}
type Fault = (draft: Draft, serial: number) => unknown;

const card = aCard({ number: NUMBER });
const values = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    NUMBER,
    GROUPED,
    card,
    [card],
    { note: `card ${GROUPED}` },
    '\0',
    '\ud83c',
  ),
);
const members = fc.dictionary(
  fc.constantFrom('x', 'card', '__proto__', 'constructor', NUMBER),
  values,
  {
    minKeys: 1,
    noNullPrototype: true,
  },
);
const inPayload =
  (changes: RequestBody): Fault =>
  (draft) => {
    draft.payload = { ...Object(draft.payload), ...changes };
  };

const CARD_NAMES = [NUMBER, GROUPED, 'cvv 123'];

/** Each makes a job that must be refused. */
const FAULTS: Readonly<Record<string, fc.Arbitrary<Fault>>> = {
  name: fc
    .constantFrom(
      '',
      'pay',
      'payment.create.v2',
      'PAYMENT.CREATE.V1',
      '__proto__',
      'x'.repeat(5_000),
    )
    .map((name) => (draft) => (draft.name = name)),
  cardAsName: fc.constantFrom(...CARD_NAMES).map((name) => (draft) => (draft.name = name)),
  otherData: values.map(
    (value) =>
      ({ ofData }) =>
        ofData.push(() => value),
  ),
  moreData: members.map(
    (more) =>
      ({ ofData }) =>
        ofData.push((data) => ({ ...data, ...more })),
  ),
  notSigned: values.map(
    (value) =>
      ({ ofJws }) =>
        ofJws.push(() => value),
  ),
  cutJws: fc.nat(99).map(
    (share) =>
      ({ ofJws }) =>
        ofJws.push((jws) => jws.slice(0, (jws.length * share) / 100)),
  ),
  longJws: fc.constantFrom('.x', 'x', '\0', NUMBER).map(
    (end) =>
      ({ ofJws }) =>
        ofJws.push((jws) => jws + end),
  ),
  // The last characters of a signature have bits without a meaning.
  changedJws: fc.nat(90).map((share) => ({ ofJws }) => {
    ofJws.push((jws) => {
      const at = Math.floor((jws.length * share) / 100);
      return jws.slice(0, at) + (jws[at] === 'A' ? 'B' : 'A') + jws.slice(at + 1);
    });
  }),
  forged: fc.constant((draft) => (draft.signer = forger)),
  otherKey: fc
    .constantFrom('key_none', '', NUMBER, '../x')
    .map((keyId) => (draft) => (draft.signer = { ...forger, keyId })),
  header: fc
    .oneof(
      fc.constantFrom(
        { alg: 'none' },
        { alg: 'HS256' },
        { typ: 'JWT' },
        { b64: false, crit: ['b64'] },
      ),
      fc.constantFrom({ crit: ['x'] }, { jwk: {} }, { kid: 1 }, { kid: null }, { x: NUMBER }),
    )
    .map((header) => (draft) => (draft.header = header)),
  payload: values.map((payload) => (draft) => (draft.payload = payload)),
  member: fc
    .tuple(fc.constantFrom('currency', 'method', 'terminal', 'customer.x', '__proto__'), values)
    .filter(([name, value]) => name !== '__proto__' || value !== null)
    .map(([name, value]) => inPayload(Object.fromEntries([[name, value ?? []]]))),
  card: fc
    .constantFrom<RequestBody>({ card }, { card: NUMBER }, { card_jwe: NUMBER }, { card_jwe: card })
    .map(inPayload),
  cardElsewhere: fc
    .constantFrom<RequestBody>(
      { product_name: GROUPED },
      { metadata: { note: `card ${NUMBER}` } },
      { metadata: { [NUMBER]: 'x' } },
      { [NUMBER]: 1 },
      { reference: `A${NUMBER}` },
      { return_url: `https://shop.example/?card=${NUMBER}` },
    )
    .map(inPayload),
  cardInOptions: fc
    .constantFrom<JobsOptions>(
      { jobId: `card-${NUMBER}` },
      { deduplication: { id: NUMBER } },
      { telemetry: { metadata: GROUPED } },
    )
    .map((options) => (draft) => Object.assign(draft.options, options)),
};

const options = fc.record<JobsOptions>(
  {
    priority: fc.constantFrom(1, 2_000_000),
    delay: fc.nat(200),
    lifo: fc.boolean(),
    attempts: fc.constantFrom(1, 3, 1e9),
    backoff: fc.constantFrom<JobsOptions['backoff']>(
      { type: 'mine' },
      { type: 'fixed', delay: 1e9 },
    ),
    removeOnComplete: fc.boolean(),
    removeOnFail: fc.boolean(),
    stackTraceLimit: fc.constantFrom(0, 1e6),
    keepLogs: fc.constantFrom(0, 1e6),
  },
  { requiredKeys: [] },
);

const jobs = fc.record({
  faults: fc.array(
    fc.oneof(
      ...Object.entries(FAULTS).map(([name, made]) => made.map((fault) => ({ name, fault }))),
    ),
    { maxLength: 2 },
  ),
  options,
});
type Plan = typeof jobs extends fc.Arbitrary<infer T> ? T : never;

let serial = 0;
/** Adds a job. Resolves with it and its reference. */
async function add({ faults, options: chosen }: Plan) {
  serial += 1;
  const reference = `ORD-${serial}`;
  const draft: Draft = {
    name: NAME,
    payload: { ...sound, reference },
    header: {},
    signer,
    ofJws: [],
    ofData: [],
    options: { ...chosen },
  };
  for (const { fault } of faults) fault(draft, serial);
  const text = signedIntent(draft.payload ?? null, draft.signer, draft.header);
  const jws = draft.ofJws.reduce<unknown>((made, change) => change(String(made)), text);
  const data = draft.ofData.reduce<unknown>((made, change) => change(Object(made)), { jws });
  const job: Job = await publisher.queue.add(draft.name, data, draft.options);
  const isRemoved =
    CARD_NAMES.includes(draft.name) || faults.some(({ name }) => name === 'cardInOptions');
  return { id: job.id ?? '', reference, isSound: faults.length === 0, isRemoved };
}
type Added = Awaited<ReturnType<typeof add>>;

/** The fault of a job's end, in words. */
async function faultOf({ id, isSound, isRemoved }: Added): Promise<string | undefined> {
  const job = await publisher.queue.getJob(id);
  if (isRemoved) return job ? 'it is still there' : undefined;
  if (isSound) return job?.returnvalue ? undefined : `it was not stored: ${job?.failedReason}`;
  if (!job?.failedReason) return 'it was not refused';
  const problem = JSON.parse(job.failedReason) as RequestBody;
  const isProblem = Number(problem['status']) >= 400 && Number(problem['status']) < 500;
  if (!isProblem || typeof problem['code'] !== 'string') return `its reason is ${job.failedReason}`;
  return JSON.stringify([job.data, job.stacktrace]) === '[{},[]]' ? undefined : 'it has data';
}

/** Everything that a reader of Redis, of Postgres or of the log can see. */
async function visible(): Promise<string> {
  const { rows } = await rig.pool.query<{ row: string }>(
    'SELECT row_to_json(p)::text AS row FROM payment_intents p UNION ALL SELECT row_to_json(e)::text FROM payment_events e',
  );
  return [await publisher.everything(), ...rows.map(({ row }) => row), ...rig.logged].join('\n');
}

const NEEDLES = [
  NUMBER,
  GROUPED,
  ...[0, 1, 2].map((at) => base64url('x'.repeat(at) + NUMBER).slice(2, -3)),
];

it(
  'ends each job as it deserves, and leaves no card in clear',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(jobs, { minLength: 1, maxLength: JOBS_MAX, size: 'max' }),
        async (plans) => {
          await publisher.queue.obliterate({ force: true });
          const before = await rig.count('SELECT count(*) FROM payment_intents');
          const added = await Promise.all(plans.map(add));
          await eventually(async () => {
            const counts = await publisher.queue.getJobCounts();
            const { waiting, delayed, active, prioritized } = counts;
            expect([waiting, delayed, active, prioritized]).toEqual([0, 0, 0, 0]);
          });
          const faults = await Promise.all(added.map(faultOf));
          expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
          const soundCount = added.filter(({ isSound }) => isSound).length;
          const stored = await rig.count('SELECT count(*) FROM payment_intents');
          expect(stored - before).toBe(soundCount);
          const text = await visible();
          expect(NEEDLES.filter((needle) => text.includes(needle))).toEqual([]);
        },
      ),
      { numRuns: RUNS, interruptAfterTimeLimit: LIMIT_MS / 2 },
    );
  },
  LIMIT_MS,
);

/** Fields of a job's hash that no client of BullMQ writes like this. */
const hashes = fc.record(
  {
    name: fc.constantFrom(NAME, '', NUMBER),
    data: fc.constantFrom('', 'x', '{', 'null', '5', '[]', `{"number":"${NUMBER}"}`, NUMBER),
    opts: fc.constantFrom('', '{', 'null', '5', '[]', '"x"', '{"attempts":"x"}', `"${NUMBER}"`),
    progress: fc.constantFrom('', '{', 'null', NUMBER, `"${GROUPED}"`),
    parent: fc.constantFrom('', '{', 'null', '5', '{}', '{"queueKey":1,"id":1}'),
    stacktrace: fc.constantFrom('', '{', 'null', '5', `["${NUMBER}"]`),
    returnvalue: fc.constantFrom('{', NUMBER),
    timestamp: fc.constantFrom('', 'x', '-1', '1e999'),
    delay: fc.constantFrom('x', '-1'),
    priority: fc.constantFrom('x', '-1'),
    atm: fc.constantFrom('x', '-1', '99999999999999999999'),
    rjk: fc.constantFrom('', 'x'),
    deid: fc.constantFrom('', 'x'),
  },
  { requiredKeys: ['data'] },
);

it(
  'goes on after jobs that no client of BullMQ wrote, and removes them',
  async () => {
    const { queue, redis } = publisher;
    const many = fc.array(hashes, { minLength: 1, maxLength: 10, size: 'max' });
    await fc.assert(
      fc.asyncProperty(many, async (written) => {
        await queue.obliterate({ force: true });
        for (const hash of written) {
          serial += 1;
          await redis.hset(queue.toKey(`raw-${serial}`), hash);
          await redis.lpush(queue.toKey('wait'), `raw-${serial}`);
        }
        const after = await add({ faults: [], options: {} });
        await eventually(async () => expect(await faultOf(after)).toBeUndefined());
        // A job that cannot be parsed is found by a search that runs every two seconds.
        const isDrained = async () => {
          const { waiting, delayed, active } = await queue.getJobCounts();
          expect([waiting, delayed, active]).toEqual([0, 0, 0]);
        };
        await eventually(isDrained);
        const text = await visible();
        expect(NEEDLES.filter((needle) => text.includes(needle))).toEqual([]);
      }),
      { numRuns: RAW_RUNS, endOnFailure: true },
    );
  },
  LIMIT_MS,
);
