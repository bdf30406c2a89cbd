// Generates Prisma's client when its schema has changed. `prisma generate` insists on a schema engine it then does not run;
// that engine cannot be downloaded everywhere, and naming any program in its place satisfies it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../place.mjs';
import { Problem } from '../terminal/problem.mjs';

const SCHEMA = join(root, 'prisma', 'schema.prisma');
const OUTPUT = join(root, 'libs', 'persistence', 'src', 'generated');
const STAMP = join(OUTPUT, '.made-from');
const PRISMA = join(root, 'node_modules', 'prisma');

function fingerprint() {
  const { version } = JSON.parse(readFileSync(join(PRISMA, 'package.json'), 'utf8'));
  return createHash('sha256').update(version).update(readFileSync(SCHEMA)).digest('hex');
}

function readStamp() {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Generates the client unless it is there.
 * @returns {Promise<boolean>} whether it had to be made
 */
export async function generatePrismaClient() {
  const wanted = fingerprint();
  if (readStamp() === wanted) return false;
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: 'true',
    CHECKPOINT_DISABLE: '1',
  };
  const args = [join(PRISMA, 'build', 'index.js'), 'generate'];
  await promisify(execFile)(process.execPath, args, { cwd: root, env }).catch((error) => {
    throw new Problem(`prisma generate failed:\n${error.stdout}${error.stderr}`);
  });
  writeFileSync(STAMP, wanted);
  return true;
}
