// Goal: whatever dies, stalls, restarts or lies, nothing is charged twice and nothing accepted is lost. Method: each part of
// `npm run chaos`, less of it; docs/reliability.md says what each does. A failure names the seed: replay with --seed.
import { Session } from '../tools/processes/session.js';
import { startShortRun, type ChaosCheck, type ChaosPart } from './chaos/short-run.mjs';

const START_LIMIT_MS = 60_000;
/** All parts take five to six minutes on two cores: steps whose jobs were lost wait for their lease. */
const PART_LIMIT_MS = 400_000;
const STOP_LIMIT_MS = 60_000;

/** Side by side, because most of it is waiting for what a dead process held. */
const LANES: readonly (readonly ChaosPart[])[] = [
  ['kill', 'stall'],
  ['redis', 'lies'],
  ['postgres', 'silent-postgres'],
  ['silent-redis', 'clocks'],
  ['upgrade', 'places', 'watch'],
];

const seed = Math.floor(Math.random() * 2 ** 32);
const session = new Session();
const played = new Map<ChaosPart, Promise<readonly ChaosCheck[]>>();

beforeAll(async () => {
  const play = await startShortRun(session, { seed });
  for (const lane of LANES) {
    const lent = {};
    let before: Promise<unknown> = Promise.resolve();
    for (const part of lane) {
      const checks = before.then(() => play(part, lent));
      // A part that fails says so in its own test; the next one is played all the same.
      before = checks.catch(() => undefined);
      played.set(part, checks);
    }
  }
}, START_LIMIT_MS);
afterAll(() => session.stop(), STOP_LIMIT_MS);

it.each<[ChaosPart, string]>([
  ['kill', 'a process dies at any step'],
  ['redis', 'Redis is emptied, frozen and killed'],
  ['postgres', 'Postgres restarts and crashes'],
  ['silent-postgres', 'Postgres does not answer or does not write'],
  ['silent-redis', 'Redis does not answer or does not write'],
  ['clocks', 'hosts are hours apart'],
  ['stall', 'a worker is frozen with its request unsent'],
  ['places', 'one terminal’s gateway never answers'],
  ['lies', 'the gateway lies'],
  ['upgrade', 'every process is replaced'],
  ['watch', 'more is due than can be asked about'],
])(
  'loses and doubles nothing when, in the part %s, %s',
  async (part) => {
    const checks = (await played.get(part)) ?? [];
    const failed = checks.filter(({ problems }) => problems.length > 0);
    expect({ seed, failed }).toEqual({ seed, failed: [] });
    expect(checks.length).toBeGreaterThan(0);
  },
  PART_LIMIT_MS,
);
