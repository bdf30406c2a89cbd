// The half of the fuzz that asks the api.
import { Contract } from './contract.mjs';
import { RequestBuilder } from './build-request.mjs';
import { SchemaValues } from './schema-values.mjs';
import { sendRequests, Tally } from './send-requests.mjs';
import { ValidBodies } from './valid-bodies.mjs';
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
export async function fuzzRequests({ stack, world, processes, seed, count, say }) {
  const { api: apiUrl } = stack.urls;
  const contract = await Contract.read(apiUrl);
  const values = new SchemaValues(contract.document.components.schemas, seed);
  const bodies = await ValidBodies.prepare({ values, world });
  const builder = new RequestBuilder(contract, { seed, values, bodies, world });
  const tally = new Tally();
  const warm = Math.floor(count * WARM_UP_SHARE);
  const part = { contract, apiUrl, tally };
  const startedAt = performance.now();
  await sendRequests(builder, { ...part, from: 0, to: warm });
  const [before] = await processes.memory();
  say(`${warm} of ${count} requests`);
  await sendRequests(builder, { ...part, from: warm, to: count });
  const seconds = (performance.now() - startedAt) / 1_000;
  const [after] = await processes.memory();
  say('reading back what is stored');
  const told = new Set([...world.told, ...tally.told]);
  const { unanswered } = tally;
  const stored = await storedProblems(stack.setup.databaseUrl, { told, unanswered });
  const back = await readBackProblems({ apiUrl, key: world.keys.full, contract });
  return {
    answers: { told, unanswered },
    checks: [
      { name: 'answers of the api', problems: tally.problems },
      { name: 'depth of the requests', problems: depthProblems(tally, contract) },
      { name: 'memory of the api', problems: memoryProblems(before, after) },
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
      readBack: back.read,
    },
  };
}
