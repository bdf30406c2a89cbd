// The half of the fuzz that plays the gateway.
import { Pool } from 'undici';
import { Inputs, shown } from '../inputs.js';
import { memoryProblems, WATCHED } from '../oracles/processes.js';
import { storedProblems, type Answered } from '../oracles/rows.js';
import { HANG_MS } from '../requests/contract.js';
import type { Part, PartOptions } from '../part.js';
import { callbacks, untouched, type Callback } from './arbitraries.js';
import {
  answerProblems,
  blamedCallbacks,
  endProblems,
  rowName,
  storageProblems,
} from './oracle.js';
import type { CallbackAnswer, CallbackRow } from './oracle.js';
import { prepareSubjects } from './subjects.js';

const WIDTH = 48;
const REPEATS = 3;

async function post(pool: Pool, { path, contentType, body }: Callback) {
  const startedAt = performance.now();
  const headers = contentType === undefined ? {} : { 'content-type': contentType };
  const answer: CallbackAnswer = await pool.request({ method: 'POST', path, headers, body }).then(
    async (reply) => ({ status: reply.statusCode, text: await reply.body.text() }),
    (error: Error & { code?: string }) => ({ error: error.code ?? error.message }),
  );
  return { ...answer, ms: performance.now() - startedAt };
}

/** Sends callbacks and judges what became of the payments; `before` is stored already. */
export async function fuzzCallbacks(options: PartOptions, before: Answered): Promise<Part> {
  const { stack, recorder, processes, secrets, seed, run, perKind, count, path, say } = options;
  const subjects = await prepareSubjects(stack, recorder, { run, perKind });
  const timeouts = { headersTimeout: HANG_MS, bodyTimeout: HANG_MS };
  const pool = new Pool(stack.urls.webhook, { connections: WIDTH, ...timeouts });
  /** Rows that must exist, by the number of a callback that leads to each. */
  const received = new Map<string, number>();
  let withRightToken = 0;
  const judge = async (callback: Callback, serial: number) => {
    const answer = await post(pool, callback);
    const { status, text = '', error = '', ms } = answer;
    if (callback.isRight) withRightToken += 1;
    if (callback.isRight && status === 200) received.set(rowName(callback), serial);
    const leaks = secrets.problemsIn('the answer', text);
    return {
      status: status ?? error,
      ms,
      problems: [...answerProblems(callback, answer), ...leaks],
    };
  };
  const show = ({ contentType, body }: Callback) => `${contentType}: ${shown(body)}`;
  const source = { noun: 'callback', arbitrary: callbacks(subjects), seed, width: WIDTH };
  const inputs = new Inputs({ ...source, judge, show, watched: WATCHED });
  const played = await inputs.play(count, path, processes, say);
  // The real ones once all forged ones are in, also of payments that were never drawn.
  const real = subjects.filter((subject) => subject.real).map(untouched);
  for (let round = 0; round < REPEATS; round += 1)
    await Promise.all(real.map((callback) => inputs.sendOne(callback, count)));
  await pool.close();
  say('waiting for the payments');
  const ends = await endProblems(stack, subjects);
  const ids = subjects.map(({ id }) => id);
  const rows = await stack.query<CallbackRow>(
    `SELECT payment_id || ' ' || encode(content_sha256, 'hex') AS name, verdict::text, fields::text
     FROM callbacks WHERE payment_id = ANY ($1) ORDER BY received_at`,
    [ids],
  );
  const blamed = blamedCallbacks(rows, ends, secrets).map(({ name, verdict }) => {
    const index = received.get(name) ?? count;
    const [callback] = index < count ? inputs.drawn(index, 1) : [];
    const what = callback ? `${index} (${callback.kinds.join(' ')}): ${show(callback)}` : name;
    return `${verdict}: callback ${what}`;
  });
  const wrongEnds = [...ends].flatMap(([id, problems]) => problems.map((what) => `${id}: ${what}`));
  const names = new Set(rows.map(({ name }) => name));
  const accepted = new Set([...before.accepted, ...ids]);
  const { databaseUrl } = stack.setup;
  const stored = await storedProblems(databaseUrl, { ...before, accepted }, secrets);
  const unstored = storageProblems(names, new Set(received.keys()));
  return {
    checks: [
      { name: 'answers of the webhook app', problems: inputs.problems },
      { name: 'memory under callbacks', problems: memoryProblems(...played.memory) },
      { name: 'payments whose callbacks were forged', problems: [...wrongEnds, ...blamed] },
      { name: 'callbacks that are stored', problems: unstored },
      { name: 'rows after the callbacks', problems: stored.problems },
    ],
    figures: { ...inputs.figures, ...played, stored: stored.counts, withRightToken },
  };
}
