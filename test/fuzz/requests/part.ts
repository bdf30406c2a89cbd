// The half of the fuzz that asks the api.
import { send, type Answer } from '../../support/raw-client.js';
import { Inputs, shown } from '../inputs.js';
import { settledProblems } from '../oracles/charges.js';
import { inGatewayForm } from '../oracles/rows.js';
import type { Part, PartOptions } from '../part.js';
import type { World } from '../stack/world.js';
import { requests, write, type FuzzRequest, type RequestPlan } from './arbitraries.js';
import { Contract, HANG_MS } from './contract.js';

const WIDTH = 24;
/** With a smaller share of accepted payments a run would have tested the door only. */
const ACCEPTED_SHARE_MIN = 0.15;
/** The longest time that a request asks for: `Prefer: wait=1`, or with a fault in it the limit. */
const WAIT_MS = { usual: 2_000, longest: 32_000 };
/** Errors in the gateway's form of a payment that may be stored. The api itself also sends 1113. */
const FAILED = /blacklist_|outcome_unknown|_number":"(?!111[12]|50(?:01|12|0"))(?![^]*"faults")/;

const referencesIn = (text: string | Buffer) =>
  Array.from(text.toString().matchAll(/"reference":\s*"([^"]*)"/g), ([, name]) => name);

/** By operation: how often it was asked with its own method and path, and accepted (2xx). */
type Asked = Record<string, { asked: number; accepted: number }>;

function depthProblems(operations: Asked, contract: Contract): string[] {
  const { asked = 0, accepted = 0 } = operations['createPaymentIntent'] ?? {};
  const isShallow = !(accepted / asked >= ACCEPTED_SHARE_MIN);
  const never = contract.operations.filter(({ operationId }) => !operations[operationId]?.accepted);
  return [
    ...(isShallow ? [`only ${accepted} of ${asked} payments were accepted`] : []),
    ...never.map(({ operationId }) => `${operationId} was never answered 2xx`),
  ];
}

/** Sends requests and judges what they leave behind. */
export async function fuzzRequests(options: PartOptions, world: World): Promise<Part> {
  const { stack, secrets, path, say } = options;
  const { accepted, unanswered } = options.answered;
  const apiUrl = stack.urls.api;
  const { hostname: host, port } = new URL(apiUrl);
  const contract = await Contract.read(apiUrl);
  const operations: Asked = {};
  /** Which object a request created; or that it may have created one, if it was not answered. */
  const note = (request: FuzzRequest, { ended, status, text = '' }: Answer) => {
    const ids = text.matchAll(/(?:^|"payment_intent":)\{"id":"((?:pi|re)_[0-9a-z]+)"/g);
    if (status === 200 || status === 202) for (const [, id = ''] of ids) accepted.add(id);
    const { bytes, reference, isGatewayForm, mayBeCut } = request;
    const [replied] = isGatewayForm && status === 200 ? referencesIn(text) : [];
    if (replied !== undefined) accepted.add(inGatewayForm(replied));
    // A framing fault may end a batch behind lines that are stored.
    const mayStore = isGatewayForm ? FAILED.test(text) : mayBeCut && bytes.includes('/batch');
    if (ended === 'answered' && !mayStore) return;
    for (const name of [...referencesIn(bytes), String(reference)]) unanswered.add(name);
  };
  const judge = async (plan: RequestPlan, serial: number) => {
    const request = write(plan, serial, world);
    const { bytes, isHead = false, mayBeCut: closesHalf = false, operation } = request;
    const waitMs = WAIT_MS[plan.kinds.includes('header.prefer') ? 'longest' : 'usual'];
    const limits = { closesHalf, limitMs: HANG_MS + waitMs };
    const answer = await send({ host, port: Number(port) }, { bytes, isHead, ...limits });
    const { status = 0, headers = [], text = '', ended, ms } = answer;
    note(request, answer);
    if (operation) {
      const counts = (operations[operation.operationId] ??= { asked: 0, accepted: 0 });
      counts.asked += 1;
      if (status >= 200 && status < 300) counts.accepted += 1;
    }
    const lines = [...headers].map(([name, value]) => `${name}: ${value}\n`).join('');
    const leaks = secrets.problemsIn('the answer', `${lines}\n${text}`);
    const problems = [...contract.problems(request, answer), ...leaks];
    return { status: status || ended, ms, problems };
  };
  const show = (plan: RequestPlan) => shown(write(plan, 0, world).bytes);
  const source = { noun: 'request', arbitrary: requests(contract, world), width: WIDTH };
  const inputs = new Inputs({ ...options, ...source, judge, show, watched: ['api'] });
  const growth = await inputs.play();
  for (const [name, { asked, accepted: taken }] of Object.entries(operations))
    inputs.figures[name] = `${taken} of ${asked} accepted`;
  say('waiting for the payments');
  const { lost, charges, charged } = await settledProblems(stack, world.pausedTerminal);
  const depth = path === undefined ? depthProblems(operations, contract) : [];
  return {
    checks: [
      { name: 'answers of the api', problems: inputs.problems },
      { name: 'depth of the requests', problems: depth },
      { name: 'memory of the api', problems: growth },
      { name: 'all that was accepted was done', problems: lost },
      { name: 'at most one charge', problems: charges },
    ],
    figures: { ...inputs.figures, 'payments charged': charged },
  };
}
