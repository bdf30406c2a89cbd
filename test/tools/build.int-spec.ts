// Goal: `nest build` compiles everything that the processes need, and nothing that only tests need.
// Method: builds a copy of the sources by the name of one app, beside the real dist/.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { APPS } from '../../tools/stack/apps.js';

const root = resolve(import.meta.dirname, '../..');
const BUILD_LIMIT_MS = 120_000;
/** The exit code of an app whose settings are incomplete: EX_CONFIG of sysexits.h. */
const CONFIGURATION_ERROR = 78;
const run = promisify(execFile);

let clone: string;
let built: readonly string[];
beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), 'nest-build-'));
  for (const name of ['package.json', 'nest-cli.json', '.swcrc', 'tsconfig.json', 'apps', 'libs'])
    cpSync(join(root, name), join(clone, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  await run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build', 'api'], {
    cwd: clone,
  });
  const files = readdirSync(join(clone, 'dist'), { recursive: true, withFileTypes: true });
  built = files
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(clone.length + 1));
}, BUILD_LIMIT_MS);
afterAll(() => rmSync(clone, { recursive: true }));

it.each(APPS.map(({ name }) => name))('compiles %s to a program', async (name) => {
  const program = join(clone, 'dist/apps', name, 'src/main.js');
  const settings = { PATH: process.env['PATH'], API_PORT: 'none', SANDBOX_PORT: 'none' };
  await expect(run(process.execPath, [program], { env: settings })).rejects.toMatchObject({
    code: CONFIGURATION_ERROR,
    stderr: expect.stringContaining('The configuration has') as string,
  });
});

it('copies the files of the documentation page', () => {
  const page = readdirSync(join(root, 'apps/api/src/docs/page')).map(
    (name) => `dist/apps/api/src/docs/page/${name}`,
  );
  expect(built).toEqual(expect.arrayContaining(page));
});

it('has stack traces that name the lines of the sources', async () => {
  const program = `
    import { AddressRanges, runMain } from './dist/libs/platform/src/index.js';
    await runMain(() => new AddressRanges(['nowhere']));`;
  const node = run(process.execPath, ['--input-type=module', '--eval', program], { cwd: clone });
  const { stderr } = await node.catch((error: { stderr: string }) => error);
  const [, path = '', line = ''] = /at (\/.+\/addresses\.ts):(\d+):\d+$/m.exec(stderr) ?? [];
  const source = readFileSync(path, 'utf8').split('\n');
  expect(source[Number(line) - 1]).toContain('throw new RangeError');
});

it.each([
  ['specs', /spec\./],
  ['fixtures', /fixture/],
  ['test helpers', /^dist\/(apps|libs)\/\w+\/test\//],
  ['migrations and documents', /\.(sql|md)$/],
  ['sources', /\.ts$/],
])('leaves out %s', (_, pattern) => {
  expect(built.length).toBeGreaterThan(100);
  expect(built.filter((file) => pattern.test(file))).toEqual([]);
});
