// `npm run demo`: the whole stack with real parts, the demo payments, what became of each, and the
// end of it all.
import { runDemo } from './play.js';
import { resultTable } from './table.js';
import type { Session } from '../../tools/processes/session.js';
import { bringUp } from '../../tools/stack/up.js';
import { heading, tell } from '../../tools/terminal/progress.mjs';

export async function demo(session: Session): Promise<number> {
  heading('Quittance demo');
  const { stack, merchant } = await bringUp(session);
  const ended = stack.untilOneEnds();
  const results = await Promise.race([
    runDemo({ urls: stack.urls, apiKey: merchant.apiKey }),
    ended,
  ]);
  ended.catch(() => {});
  tell(`\n${resultTable(results)}\n`);
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  tell(
    failed === 0
      ? `All ${results.length} payments ended as they should.`
      : `${failed} payments did not end as they should.`,
  );
  return failed === 0 ? 0 : 1;
}
