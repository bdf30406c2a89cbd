// Goal: the doctor asks every Sentinel of REDIS_URL. Method: real ones, of which one is missing or
// refuses, on a real database.
import { eventually } from '../../../../test/support/eventually.js';
import { SentinelGroup } from '../../../../test/support/sentinels.js';
import { Session } from '../../../../tools/processes/session.js';
import { CliRig } from '../../test/cli-rig.js';
import type { Finding } from './finding.js';

const START_LIMIT_MS = 60_000;

let rig: CliRig;
let session: Session;
let group: SentinelGroup;
beforeAll(async () => {
  session = new Session();
  [rig, group] = await Promise.all([CliRig.start(), SentinelGroup.start(session)]);
}, START_LIMIT_MS);
afterAll(async () => {
  await rig.stop();
  await session.stop();
}, START_LIMIT_MS);

async function examined(url: string) {
  const { out, err } = await rig.runIn({ REDIS_URL: url }, 'doctor', '--json');
  expect(out + err).not.toContain(new URL(url.replace(/@.*/, '@x')).password);
  const found = out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Finding);
  return (check: string) => found.find((finding) => finding.check === check);
}

it('names the primary, and the setting that keeps it from writing alone', async () => {
  await eventually(async () => {
    const of = await examined(group.url);
    expect(of('Sentinels')).toMatchObject({
      grade: 'good',
      finding: expect.stringContaining(`3 name 127.0.0.1:${await group.primaryPort()}`),
    });
    expect(of('Redis eviction')).toMatchObject({ grade: 'good' });
    expect(of('Redis isolation')).toMatchObject({ grade: 'attention' });
  });
  const port = await group.primaryPort();
  await group.command(port, 'CONFIG', 'SET', 'min-replicas-to-write', '1');
  expect((await examined(group.url))('Redis isolation')).toMatchObject({ grade: 'good' });
});

it.each<[string, (url: string) => string, string]>([
  ['is away', (url) => url.replace(/@[^,]*/, '@127.0.0.1:1'), '127.0.0.1:1: does not answer'],
  ['rejects the password', (url) => `${url}x`, 'WRONGPASS'],
  ['has no primary of the name', (url) => url.replace('/quittance?', '/other?'), 'of this name'],
])('reports a Sentinel that %s', async (_, changed, finding) => {
  expect((await examined(changed(group.url)))('Sentinels')).toMatchObject({
    grade: 'bad',
    finding: expect.stringContaining(finding),
  });
});
