// Sends the requests of a run and judges each answer as it comes.
import { HANG_MS, answerProblems } from '../oracles/answers.mjs';
import { send } from './client.mjs';

const UNDER_WAY = 24;
const SHOWN = 20;
/** The longest a request asks to be held: `Prefer: wait=1`. */
const HELD_MS = 2_000;
const REFERENCE = /"reference":\s*"([^"]*)"/;

/** What a run has seen so far. */
export class Tally {
  problems = [];
  statuses = {};
  /** By operation: how often it was asked with its own method and path, and how often that was taken (2xx). */
  operations = {};
  faults = {};
  slowestMs = 0;
  told = new Set();
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

/**
 * @param {import('./build-request.mjs').RequestBuilder} builder
 * @param {{ contract: object, apiUrl: string, from: number, to: number, tally: Tally }} options numbers of requests
 */
export async function sendRequests(builder, { contract, apiUrl, from, to, tally }) {
  const { hostname: host, port } = new URL(apiUrl);
  let next = from;
  const lane = async () => {
    while (next < to) {
      const request = builder.build(next);
      next += 1;
      const { bytes, isHead, mayBeCut } = request;
      const answer = await send(
        { host, port: Number(port) },
        { bytes, isHead, closesHalf: mayBeCut, limitMs: HANG_MS + HELD_MS },
      );
      tally.note(request, answer);
      tally.add(request, answer, answerProblems(contract, request, answer));
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, lane));
}
