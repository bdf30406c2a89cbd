// For development: a changed source is compiled and the processes start again with it.
import { watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildAll } from '../build.js';
import { root } from '../place.mjs';
import { tell } from '../terminal/progress.mjs';
import type { Stack } from './stack.js';

// An editor's "save all" comes as many changes; they make one build.
const SETTLE_MS = 200;
const GENERATED = /(^|\/)generated(\/|$)/;

/** Resolves after the next change of a source file, once changes have settled. */
function nextChange(): Promise<void> {
  return new Promise((resolve) => {
    const watchers = ['libs', 'apps'].map((folder) =>
      watch(join(root, folder), { recursive: true }, (_, file) => {
        if (file === null || GENERATED.test(file)) return;
        for (const watcher of watchers) watcher.close();
        resolve(pause(SETTLE_MS));
      }),
    );
  });
}

/** Builds and restarts after every change. A build that fails is shown, and the old code stays. */
export async function rebuildOnChange(stack: Stack): Promise<never> {
  for (;;) {
    await nextChange();
    try {
      await buildAll();
      await stack.stop();
      await stack.start();
      tell('  restarted');
    } catch (error) {
      tell(`  ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
