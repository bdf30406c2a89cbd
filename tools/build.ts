// Makes from the sources what the processes run: Prisma's client, and dist/ by `nest build`.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { globSync } from 'tinyglobby';
import { root } from './place.mjs';
import { withLock } from './processes/lock.mjs';
import { Problem } from './terminal/problem.mjs';
import { step } from './terminal/progress.mjs';

/** A result, with the files that it is made from. Its stamp says from which state of them. */
interface Product {
  readonly program: readonly string[];
  readonly sources: () => readonly string[];
  readonly stamp: string;
}

const PRISMA_CLIENT: Product = {
  program: ['prisma/build/index.js', 'generate', '--no-hints'],
  sources: () => ['prisma/schema.prisma', 'node_modules/prisma/package.json'],
  stamp: 'libs/persistence/src/generated/.made-from',
};

const DIST: Product = {
  program: ['@nestjs/cli/bin/nest.js', 'build'],
  sources: () => {
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8'));
    const { filenames, ignore } = compilerOptions.builder.options;
    const folders = (filenames as string[]).map((folder) => `${folder}/**`);
    const sources = globSync(folders, { cwd: root, ignore }).toSorted();
    return ['nest-cli.json', '.swcrc', 'package-lock.json', ...sources];
  },
  // `nest build` empties dist/ first, so the stamp is there only if the build it describes is.
  stamp: 'dist/.made-from',
};

/** Changes with each of the files. */
function fingerprint(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const { mtimeMs, size } = statSync(join(root, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

function readStamp(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function make({ program, sources, stamp }: Product, say: (detail: string) => void) {
  const [file, wanted] = [join(root, stamp), fingerprint(sources())];
  if (readStamp(file) === wanted) return say('up to date');
  const [script = '', ...args] = program;
  say(`${script.replace(/\/.*/, '')} ${args[0]}`);
  const words = [join(root, 'node_modules', script), ...args];
  await promisify(execFile)(process.execPath, words, { cwd: root }).catch((error) => {
    throw new Problem(`${script} ${args[0]} failed:\n${error.stdout}${error.stderr}`);
  });
  writeFileSync(file, wanted);
}

/** Generates and compiles what is out of date. Two commands at once take turns. */
export async function buildAll(): Promise<void> {
  await step('build', (say) =>
    withLock(
      'build',
      { onWait: ({ pid }) => say(`waiting for process ${pid}, which is building`) },
      async () => {
        await make(PRISMA_CLIENT, say);
        await make(DIST, say);
      },
    ),
  );
}
