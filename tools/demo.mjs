// `npm run demo`: the whole stack with real parts, the demo payments, what became of each, and the end of it all.
import { runDemo } from './demo/run.mjs';
import { resultTable } from './demo/table.mjs';
import { runCommand } from './processes/command.mjs';
import { bringUp } from './stack/up.mjs';
import { heading, tell } from './terminal/progress.mjs';

await runCommand(async (session) => {
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
});
