// Goal: whatever dies, stalls, restarts or lies, nothing is charged twice and nothing accepted is lost. Method: each part of
// `npm run chaos`, less of it; docs/reliability.md says what each does. A failure names the seed: replay with --seed.
import { Session } from '../tools/processes/session.mjs';
import { startShortRun, type ChaosCheck, type ChaosPart } from './chaos/short-run.mjs';

const START_LIMIT_MS = 60_000;
const PART_LIMIT_MS = 240_000;
const STOP_LIMIT_MS = 60_000;

const seed = Math.floor(Math.random() * 2 ** 32);
const session = new Session();
let play: (part: ChaosPart) => Promise<readonly ChaosCheck[]>;

beforeAll(async () => {
  play = await startShortRun(session, { seed });
}, START_LIMIT_MS);
afterAll(() => session.stop(), STOP_LIMIT_MS);

it.each<[ChaosPart, string]>([['kill', 'a process dies at any step']])(
  'loses and doubles nothing when, in the part %s, %s',
  async (part) => {
    const checks = await play(part);
    const failed = checks.filter(({ problems }) => problems.length > 0);
    expect({ seed, failed }).toEqual({ seed, failed: [] });
    expect(checks.length).toBeGreaterThan(0);
  },
  PART_LIMIT_MS,
);
