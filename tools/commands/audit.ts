// `npm run audit`: asks the registry for advisories about the packages of the lock file. Fails for
// each that is neither mended nor explained in tools/supply-chain/advisories.ts. A registry that
// does not know advisories is said loudly and does not fail: whoever builds behind a mirror has to
// ask elsewhere (docs/security.md).
import { execFile } from 'node:child_process';
import { root } from '../place.mjs';
import { EXPLAINED, judgeAdvisories } from '../supply-chain/advisories.js';
import { tell } from '../terminal/progress.mjs';

const LIMIT_MS = 60_000;
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

/** npm's exit code says that something was found, which the report says better. */
function npmAudit(): Promise<string> {
  const npm = process.env['npm_execpath'];
  const [command, before] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const options = { cwd: root, maxBuffer: OUTPUT_LIMIT_BYTES, timeout: LIMIT_MS };
  return new Promise((resolve) => {
    const args = [...before, 'audit', '--json', '--loglevel=silent'];
    execFile(command, args, options, (_error, stdout) => resolve(stdout)).stdin?.end();
  });
}

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
