// Makes from the sources what the processes run: Prisma's client, and dist/ by `nest build`.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { npm } from './install.mjs';
import { root } from './place.mjs';
import { withLock } from './processes/lock.mjs';
import { Problem } from './terminal/problem.mjs';
import { step } from './terminal/progress.mjs';

const CONFIGURATION = ['nest-cli.json', '.swcrc', 'package-lock.json', 'prisma/schema.prisma'];
const GENERATED = '**/generated/**';
// `nest build` empties dist/ first, so the stamp is there only if the build it describes is.
const STAMP = join(root, 'dist/.made-from');

/** Changes with each file that the build reads, with its options, and with the packages. */
export function fingerprint(): string {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8'));
  const { filenames, ignore } = compilerOptions.builder.options;
  const nest = globSync(filenames as string[], { cwd: root, ignore: [...ignore, GENERATED] });
  const sources = [...nest, ...globSync('apps/dashboard/**', { cwd: root })].toSorted();
  const hash = createHash('sha256');
  for (const file of [...CONFIGURATION, ...sources]) {
    const { mtimeMs, size } = statSync(join(root, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

async function build(say: (detail: string) => void): Promise<void> {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return say('up to date');
  say('compiling (nest build)');
  await npm(['run', '--silent', 'build']).catch(({ stdout, stderr }) => {
    throw new Problem(`npm run build failed:\n${stdout}${stderr}`);
  });
  writeFileSync(STAMP, wanted);
  say('compiled to dist/');
}

/** Generates and compiles what is out of date. Two commands at once take turns. */
export const buildAll = (): Promise<void> =>
  step('build', (say) => withLock('build', say, () => build(say)));
