// `npm run audit`: asks the registry for advisories about the packages of the lock file. Fails for
// each that is neither mended nor explained in tools/supply-chain/advisories.ts. A registry that
// does not know advisories is said loudly and does not fail: whoever builds behind a mirror has to
// ask elsewhere (docs/security.md).
import { npm } from '../install.mjs';
import { EXPLAINED, judgeAdvisories } from '../supply-chain/advisories.js';
import { tell } from '../terminal/progress.mjs';

const LIMIT_MS = 60_000;
/** npm's exit code says that something was found, which the report says better. */
const npmAudit = (): Promise<string> =>
  npm(['audit', '--json', '--loglevel=silent'], LIMIT_MS).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout?: string }) => stdout ?? '',
  );

export async function audit(): Promise<number> {
  const today = new Date().toISOString().slice(0, 10);
  const judged = judgeAdvisories(await npmAudit(), { explained: EXPLAINED, today });
  if (!judged.isAnswered) {
    tell(`NOT CHECKED: the registry did not answer about advisories (${judged.reason}).`);
    return 0;
  }
  for (const line of judged.explained) tell(`explained  ${line}`);
  for (const line of judged.open) tell(`open       ${line}`);
  tell(`${judged.open.length} open advisories, ${judged.explained.length} explained`);
  return judged.open.length > 0 ? 1 : 0;
}
