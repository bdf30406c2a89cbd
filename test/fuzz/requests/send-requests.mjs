// Sends the requests of a run and judges each answer as it comes.
import { HANG_MS, answerProblems } from '../oracles/answers.mjs';
import { shown, smallestRequest } from '../smallest.mjs';
import { send } from './client.mjs';

const UNDER_WAY = 24;
const SHOWN = 20;
/** The longest a request asks to be held: `Prefer: wait=1`. */
const HELD_MS = 2_000;
const REFERENCE = /"reference":\s*"([^"]*)"/;
const TOLD_EVERY = 1_000;

/** What a run has seen so far. */
export class Tally {
  problems = [];
  statuses = {};
  /** By operation: how often it was asked with its own method and path, and how often that was taken (2xx). */
  operations = {};
  faults = {};
  slowestMs = 0;
  told = new Set();
  /** The first request that had a problem, and its first problem. */
  offender;
  unanswered = new Set();

  add(request, answer, problems) {
    const { index, operationId, operation, faults } = request;
    const status = answer.status ?? answer.ended;
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    for (const fault of faults) this.faults[fault] = (this.faults[fault] ?? 0) + 1;
    if (operation) {
      const counts = (this.operations[operationId] ??= { asked: 0, taken: 0 });
      counts.asked += 1;
      if (answer.status >= 200 && answer.status < 300) counts.taken += 1;
    }
    if (answer.status !== undefined) this.slowestMs = Math.max(this.slowestMs, answer.ms);
    if (problems.length > 0) this.offender ??= { request, problem: problems[0] };
    if (this.problems.length < SHOWN)
      this.problems.push(
        ...problems.map(
          (what) => `request ${index} (${operationId}, ${faults.join(' ') || 'no fault'}): ${what}`,
        ),
      );
  }

  /** Which object a request made; or that nobody can know, because it was not answered. */
  note({ bytes }, { ended, status, text }) {
    if (ended !== 'answered') {
      this.unanswered.add(REFERENCE.exec(bytes.toString())?.[1]);
    } else if (status === 200 || status === 202) {
      const [, id] = /^\{"id":"((?:pi|re)_[0-9a-z]+)"/.exec(text) ?? [];
      if (id !== undefined) this.told.add(id);
    }
  }
}

/** Sends one request; its answer, and what is wrong with that. */
async function judged({ contract, apiUrl, secrets }, request) {
  const { hostname: host, port } = new URL(apiUrl);
  const { bytes, isHead, mayBeCut } = request;
  const answer = await send(
    { host, port: Number(port) },
    { bytes, isHead, closesHalf: mayBeCut, limitMs: HANG_MS + HELD_MS },
  );
  const head = [...(answer.headers ?? [])].map(([name, value]) => `${name}: ${value}\n`).join('');
  const given = secrets.problemsIn('the answer', `${head}\n${answer.text ?? ''}`);
  return { answer, problems: [...answerProblems(contract, request, answer), ...given] };
}

/**
 * @param {import('./build-request.mjs').RequestBuilder} builder
 * @param {{ contract: object, apiUrl: string, secrets: import('../oracles/secrets.mjs').Secrets, from: number, to: number,
 *   tally: Tally, say: (detail: string) => void }} options numbers of requests
 */
export async function sendRequests(builder, { from, to, tally, say, ...parts }) {
  let next = from;
  const lane = async () => {
    while (next < to) {
      const request = builder.build(next);
      next += 1;
      if (next % TOLD_EVERY === 0) say(`request ${next}`);
      const { answer, problems } = await judged(parts, request);
      tally.note(request, answer);
      tally.add(request, answer, problems);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, lane));
}

/** The smallest request that still has the first problem of a run, in words; none when it had none, or one that takes too long to try. */
export async function smallestOffender({ offender, slowestMs }, parts) {
  if (!offender || slowestMs > HANG_MS) return [];
  const { request, problem } = offender;
  const isBad = async (bytes) => {
    const { problems } = await judged(parts, { ...request, bytes });
    return problems.includes(problem);
  };
  const smallest = await smallestRequest(request.bytes, isBad);
  return [`the smallest request with "${problem}" is ${shown(smallest)}`];
}
