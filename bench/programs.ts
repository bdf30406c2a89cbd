// The programs whose work is measured: the versions written by hand and the load generator. They
// run as compiled files, because a loader in their process would be measured with them.
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../tools/place.mjs';

const SOURCES = join(root, 'bench');
/** Below the clone, so that packages are found from there. */
const COMPILED = join(SOURCES, '.compiled');

const PROCESSES = ['api', 'worker', 'webhook', 'orders'];
const PROGRAMS = [
  ...PROCESSES.map((name) => `bare/${name}`),
  ...PROCESSES.map((name) => `guarded/${name}`),
  'load/load-generator',
];

/** Compiles the programs. */
export async function compilePrograms(): Promise<void> {
  await build({
    entryPoints: PROGRAMS.map((name) => join(SOURCES, `${name}.ts`)),
    outbase: SOURCES,
    outdir: COMPILED,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
  });
}

/** The compiled file of a program, such as `bare/api`. */
export function programOf(name: string): string {
  return join(COMPILED, `${name}.js`);
}
