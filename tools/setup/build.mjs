// What has to be made from the sources before anything can run: Prisma's client, then dist/.
import { withLock } from '../processes/lock.mjs';
import { step } from '../terminal/progress.mjs';
import { generatePrismaClient } from './prisma-client.mjs';

/** Generates and compiles what is out of date. Two commands at once take turns. */
export async function buildAll() {
  await step('build', async (say) => {
    /** @param {import('../processes/lock.mjs').LockHolder} holder */
    const onWait = ({ pid }) => say(`waiting for process ${pid}, which is building`);
    await withLock('build', { onWait }, async () => {
      say('generating the Prisma client');
      await generatePrismaClient();
      say('compiling');
      // Not a static import: the compiler is a package, and this file is read before packages are installed.
      const { buildIfChanged } = await import('./compile.mjs');
      const { files, compiled } = await buildIfChanged();
      say(compiled ? `${files} files compiled to dist/` : 'up to date');
    });
  });
}
