// The half of the fuzz that plays the gateway.
import { Pool } from 'undici';
import { Inputs, shown } from '../inputs.js';
import { WATCHED } from '../oracles/processes.js';
import { promiseProblems } from '../oracles/rows.js';
import { HANG_MS } from '../requests/contract.js';
import type { Part, PartOptions } from '../part.js';
import { callbacks, untouched, type Callback } from './arbitraries.js';
import { answerProblems, endProblems, rowName, type CallbackAnswer } from './oracle.js';
import { prepareSubjects } from './subjects.js';

const WIDTH = 48;
const REPEATS = 3;
const SHOWN = 14;
/** The name is that of {@link rowName}. */
type CallbackRow = { readonly name: string; readonly verdict: string; readonly fields: string };
const ROWS = `SELECT payment_id || ' ' || encode(content_sha256, 'hex') AS name, verdict::text,
  fields::text FROM callbacks WHERE payment_id = ANY ($1) ORDER BY received_at`;

async function post(pool: Pool, { path, contentType, body }: Callback): Promise<CallbackAnswer> {
  const headers = contentType === undefined ? {} : { 'content-type': contentType };
  return pool.request({ method: 'POST', path, headers, body }).then(
    async (reply) => ({ status: reply.statusCode, text: await reply.body.text() }),
    (error: Error & { code?: string }) => ({ error: error.code ?? error.message }),
  );
}

/** Sends callbacks and judges what became of the payments. */
export async function fuzzCallbacks(options: PartOptions): Promise<Part> {
  const { stack, secrets, say } = options;
  const subjects = await prepareSubjects(options);
  const timeouts = { headersTimeout: HANG_MS, bodyTimeout: HANG_MS };
  const pool = new Pool(stack.urls.webhook, { connections: WIDTH, ...timeouts });
  /** Rows that must exist, by the number of a callback that leads to each. */
  const received = new Map<string, number>();
  let withRightToken = 0;
  const judge = async (callback: Callback, serial: number) => {
    const startedAt = performance.now();
    const answer = await post(pool, callback);
    const { status, text = '', error = '' } = answer;
    if (callback.isRight) withRightToken += 1;
    if (callback.isRight && status === 200) received.set(rowName(callback), serial);
    const problems = [
      ...answerProblems(callback, answer),
      ...secrets.problemsIn('the answer', text),
    ];
    return { status: status ?? error, ms: performance.now() - startedAt, problems };
  };
  const show = ({ contentType, body }: Callback) => `${contentType}: ${shown(body)}`;
  const source = { noun: 'callback', arbitrary: callbacks(subjects), width: WIDTH };
  const inputs = new Inputs({ ...options, ...source, judge, show, watched: WATCHED });
  const growth = await inputs.play();
  // The real ones once all forged ones are in, also of payments that were never drawn.
  const real = subjects.filter((subject) => subject.real).map(untouched);
  for (let round = 0; round < REPEATS; round += 1)
    await Promise.all(real.map((callback) => inputs.sendOne(callback)));
  await pool.close();
  say('waiting for the payments');
  const ends = await endProblems(stack, subjects);
  const ids = subjects.map(({ id }) => id);
  const rows = await stack.query<CallbackRow>(ROWS, [ids]);
  const wrongEnds = [...ends].flatMap(([id, problems]) => problems.map((what) => `${id}: ${what}`));
  // Those that moved a payment to a wrong status, or that have a secret in them.
  const blamed = rows.filter(
    ({ name, verdict, fields }) =>
      (verdict === 'awaiting_inquiry' && ends.has(name.split(' ')[0] ?? '')) ||
      secrets.problemsIn('', fields).length > 0,
  );
  const replays = blamed
    .slice(0, SHOWN)
    .map(({ name, verdict }) => `${verdict}: ${name}, --path callbacks:${received.get(name)}`);
  const names = rows.map(({ name }) => name);
  return {
    checks: [
      { name: 'answers of the webhook app', problems: inputs.problems },
      { name: 'memory under callbacks', problems: growth },
      { name: 'payments whose callbacks were forged', problems: [...wrongEnds, ...replays] },
      {
        name: 'callbacks that are stored',
        problems: promiseProblems(names, new Set(received.keys())),
      },
    ],
    figures: { ...inputs.figures, 'with the right token': withRightToken },
  };
}
