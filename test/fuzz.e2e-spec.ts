// Goal: no request and no callback, however bad, makes a 5xx, a crash, a hang, a leak, a row that
// fails its schema or a transition that the gateway never made. Method: a short `npm run fuzz`
// (docs/security.md). A failure names the seed, the smallest input and its path.
import { Session } from '../tools/processes/session.js';
import { playShortRun } from './fuzz/run.js';

/** A minute on a machine of its own. */
const PLAY_LIMIT_MS = 400_000;
const STOP_LIMIT_MS = 60_000;

const seed = Math.floor(Math.random() * 2 ** 32);
const session = new Session();
afterAll(() => session.stop(), STOP_LIMIT_MS);

it(
  'takes bad input in its stride',
  async () => {
    const { checks } = await playShortRun(session, seed);
    const failed = checks.filter(({ problems }) => problems.length > 0);
    expect({ seed, failed }).toEqual({ seed, failed: [] });
    expect(checks.length).toBeGreaterThan(8);
  },
  PLAY_LIMIT_MS,
);
