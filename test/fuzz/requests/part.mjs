// The half of the fuzz that asks the api.
import { Contract } from './contract.mjs';
import { RequestBuilder } from './build-request.mjs';
import { SchemaValues } from './schema-values.mjs';
import { sendRequests, smallestOffender, Tally } from './send-requests.mjs';
import { ValidBodies } from './valid-bodies.mjs';
import { settledProblems } from '../oracles/charges.mjs';
import { memoryProblems } from '../oracles/memory.mjs';
import { readBackProblems, storedProblems } from '../oracles/stored.mjs';

/** Until then caches fill and code is compiled. */
const WARM_UP_SHARE = 0.3;
/** Below that share of accepted payments only the door would have been tried. */
const TAKEN_SHARE_MIN = 0.15;

function depthProblems({ operations }, contract) {
  const { asked = 0, taken = 0 } = operations.createPaymentIntent ?? {};
  const never = contract.operations.filter(({ operationId }) => !operations[operationId]?.taken);
  return [
    ...(taken / asked >= TAKEN_SHARE_MIN
      ? []
      : [`only ${taken} of ${asked} payments were accepted`]),
    ...never.map(({ operationId }) => `${operationId} was never answered 2xx`),
  ];
}

/**
 * Sends `count` requests and judges what they leave behind.
 * @returns {Promise<{ checks: { name: string, problems: string[] }[], figures: object, answers: { told: Set<string>, unanswered: Set<string> } }>}
 */
export async function fuzzRequests({ stack, world, processes, secrets, card, seed, count, say }) {
  const { api: apiUrl } = stack.urls;
  const contract = await Contract.read(apiUrl);
  const values = new SchemaValues(contract.document.components.schemas, seed);
  const bodies = await ValidBodies.prepare({ values, world, card });
  const builder = new RequestBuilder(contract, { seed, values, bodies, world, card });
  const tally = new Tally();
  const warm = Math.floor(count * WARM_UP_SHARE);
  const parts = { contract, apiUrl, secrets };
  const part = { ...parts, tally, say };
  const startedAt = performance.now();
  await sendRequests(builder, { ...part, from: 0, to: warm });
  const [before] = await processes.memory();
  await sendRequests(builder, { ...part, from: warm, to: count });
  const seconds = (performance.now() - startedAt) / 1_000;
  const [after] = await processes.memory();
  const smallest = await smallestOffender(tally, parts);
  say('waiting for the payments');
  const { setup } = stack;
  const settled = await settledProblems({ setup, pausedTerminal: world.pausedTerminal });
  say('reading back what is stored');
  const told = new Set([...world.told, ...tally.told]);
  const { unanswered } = tally;
  const stored = await storedProblems(setup.databaseUrl, { told, unanswered, secrets });
  const back = await readBackProblems({ apiUrl, key: world.keys.full, contract });
  return {
    answers: { told, unanswered },
    checks: [
      { name: 'answers of the api', problems: [...tally.problems, ...smallest] },
      { name: 'depth of the requests', problems: depthProblems(tally, contract) },
      { name: 'memory of the api', problems: memoryProblems(before, after) },
      { name: 'all that was accepted was done', problems: settled.lost },
      { name: 'at most one charge', problems: settled.charges },
      { name: 'rows after the requests', problems: stored.problems },
      { name: 'rows as the api tells them', problems: back.problems },
    ],
    figures: {
      requests: count,
      perSecond: Math.round(count / seconds),
      statuses: tally.statuses,
      operations: tally.operations,
      faults: Object.keys(tally.faults).length,
      slowestMs: Math.round(tally.slowestMs),
      memory: { before, after },
      stored: stored.counts,
      charged: settled.charged,
      readBack: back.read,
    },
  };
}
