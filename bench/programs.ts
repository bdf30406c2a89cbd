// The programs whose work is measured: those of the contestants written by hand, and the load
// generator. They run as compiled files, because a loader in their process would be measured too.
import { join } from 'node:path';
import { build } from 'esbuild';
import { globSync } from 'tinyglobby';
import { root } from '../tools/place.mjs';

const SOURCES = join(root, 'bench');
/** Below the clone, so that packages are found from there. */
const COMPILED = join(SOURCES, '.compiled');
const PROGRAMS = ['*/{api,worker,webhook,orders}.ts', 'load/generator.ts'];

/** Compiles the programs. */
export async function compilePrograms(): Promise<void> {
  await build({
    absWorkingDir: SOURCES,
    entryPoints: globSync(PROGRAMS, { cwd: SOURCES }),
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
export const programOf = (name: string): string => join(COMPILED, `${name}.js`);
