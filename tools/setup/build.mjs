// Makes from the sources what the processes run: Prisma's client, and dist/ by `nest build`.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { globSync } from 'tinyglobby';
import { withLock } from '../processes/lock.mjs';
import { root } from '../place.mjs';
import { Problem } from '../terminal/problem.mjs';
import { step } from '../terminal/progress.mjs';
import { generatePrismaClient } from './prisma-client.mjs';

const NEST = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
const CONFIGURATION = ['nest-cli.json', '.swcrc', 'package-lock.json'];
// `nest build` empties dist/ first, so the stamp is there only if the build it describes is.
const STAMP = join(root, 'dist', '.made-from');

/** Changes with each file that `nest build` reads, with its options, and with the packages. */
function fingerprint() {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8'));
  const { filenames, ignore } = compilerOptions.builder.options;
  const sources = globSync(
    filenames.map((/** @type {string} */ folder) => `${folder}/**`),
    { cwd: root, ignore },
  );
  const hash = createHash('sha256');
  for (const file of [...CONFIGURATION, ...sources.toSorted()]) {
    const { mtimeMs, size } = statSync(join(root, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

function readStamp() {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return undefined;
  }
}

async function nestBuild() {
  await promisify(execFile)(process.execPath, [NEST, 'build'], { cwd: root }).catch((error) => {
    throw new Problem(`nest build failed:\n${error.stdout}${error.stderr}`);
  });
}

/** Generates and compiles what is out of date. Two commands at once take turns. */
export async function buildAll() {
  await step('build', async (say) => {
    /** @param {import('../processes/lock.mjs').LockHolder} holder */
    const onWait = ({ pid }) => say(`waiting for process ${pid}, which is building`);
    await withLock('build', { onWait }, async () => {
      say('generating the Prisma client');
      await generatePrismaClient();
      const wanted = fingerprint();
      if (readStamp() === wanted) return say('up to date');
      say('compiling (nest build)');
      await nestBuild();
      writeFileSync(STAMP, wanted);
      say('compiled to dist/');
    });
  });
}
