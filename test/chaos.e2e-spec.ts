// Goal: whatever dies, stalls, restarts or lies, nothing is charged twice and nothing accepted is
// lost. Method: each part of `npm run chaos`, less of it; docs/reliability.md describes each. A
// failure names the seed: replay with --seed.
import { within } from '@quittance/platform';
import { Session } from '../tools/processes/session.js';
import type { Check, Context } from './chaos/part.js';
import { PARTS, SHORT, type PartName } from './chaos/parts.js';
import { newSeed, Random } from './chaos/random.js';
import { ChaosPostgres } from './chaos/stack/servers.js';

const START_LIMIT_MS = 60_000;
/** All parts together; they take three to four minutes on two cores. */
const LIMIT_MS = 600_000;
const STOP_LIMIT_MS = 60_000;

/**
 * Side by side, because the parts mostly wait for leases and locks of dead processes. The parts of
 * a lane share a stack.
 */
const LANES: readonly (readonly PartName[])[] = [
  ['kill', 'stall', 'watch', 'clocks'],
  ['redis', 'lies', 'places'],
  ['postgres', 'silent-postgres', 'refuses'],
  ['upgrade', 'silent-redis', 'failover'],
];

const seed = newSeed();
const session = new Session();
const played = new Map<PartName, Promise<readonly Check[]>>();

/** The part by itself, without its progress. */
async function play(part: PartName, context: Omit<Context, 'random' | 'run' | 'step' | 'scale'>) {
  const { checks } = await PARTS[part]({
    ...context,
    random: new Random(seed),
    run: seed.toString(36),
    step: (_, work) => work(() => {}),
    scale: SHORT,
  });
  return checks;
}

/** Plays the parts of a lane one after another, also after one that failed. */
async function playLane(lane: readonly PartName[], postgres: ChaosPostgres): Promise<void> {
  const shared: Context['shared'] = {};
  const deadline = Date.now() + LIMIT_MS;
  let before: Promise<unknown> = Promise.resolve();
  for (const part of lane) {
    const checks = before.then(() =>
      within(deadline - Date.now(), play(part, { session, postgres, shared })),
    );
    before = checks.catch(() => undefined);
    played.set(part, checks);
  }
  await before;
  await shared.stack?.stop();
}

beforeAll(async () => {
  const postgres = await ChaosPostgres.start(session, { isDurable: false });
  for (const lane of LANES) void playLane(lane, postgres);
}, START_LIMIT_MS);
afterAll(() => session.stop(), STOP_LIMIT_MS);

it.each<[PartName, string]>([
  ['kill', 'a process dies at any step'],
  ['redis', 'Redis is flushed and killed'],
  ['failover', 'the primary of Redis is killed ahead of its replica'],
  ['postgres', 'Postgres restarts and crashes'],
  ['silent-postgres', 'Postgres does not respond or does not write'],
  ['silent-redis', 'Redis does not respond or does not write'],
  ['clocks', 'hosts are hours apart'],
  ['stall', 'a worker is frozen with its request unsent'],
  ['places', 'one terminal’s gateway never answers'],
  ['refuses', 'the gateway refuses connections'],
  ['lies', 'the gateway lies'],
  ['upgrade', 'every process is replaced'],
  ['watch', 'more inquiries are due than can be made'],
])(
  'loses and doubles nothing when, in the part %s, %s',
  async (part) => {
    const checks = (await played.get(part)) ?? [];
    const failed = checks.filter(({ problems }) => problems.length > 0);
    expect({ seed, failed }).toEqual({ seed, failed: [] });
    expect(checks.length).toBeGreaterThan(0);
  },
  LIMIT_MS + STOP_LIMIT_MS,
);
