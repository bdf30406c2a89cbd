// Says whether a payment ended as it must. It asks the gateway's own ledger and the order domain's table, never Quittance:
// a payment that Quittance believes to be fine proves nothing.
import { until } from '../waiting.mjs';

/** What the order domain must believe when the gateway's book says so. Written from the protocol, not from our code. */
const STATUS_OF_CODE = {
  0: ['requires_action', 'processing'],
  1: ['succeeded'],
  2: ['declined'],
  5: ['charged_back'],
  7: ['refunded', 'partially_refunded', 'reversed'],
  8: ['refund_pending'],
  9: ['succeeded'],
  10: ['blocked'],
  11: ['disputed'],
  22: ['expired'],
  23: ['cancelled'],
  24: ['failed'],
  25: ['succeeded'],
  26: ['declined'],
  27: ['requires_action'],
  28: ['blocked'],
};
/** What may stand when the gateway's book has nothing: it was not sent, or nobody can know whether it was. */
const WITHOUT_A_ROW = ['in_doubt', 'failed', 'cancelled'];

const REQUEST_LIMIT_MS = 10_000;

async function getJson(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_LIMIT_MS) });
  if (response.ok) return response.json();
  await response.body?.cancel();
  return undefined;
}

/** Sequence numbers that are missing before the last one. */
function gapsIn({ sequence, events }) {
  const heard = new Set(events.map((event) => event.sequence));
  return Array.from({ length: sequence }, (_, at) => at + 1).filter((number) => !heard.has(number));
}

function problemsWithCharge({ data, received }) {
  const charges = data.filter(({ charged }) => charged).length;
  const requests = received.filter((request) => request.could_charge).length;
  return [
    ...(charges > 1 ? [`charged ${charges} times`] : []),
    // Each of them could have moved money, also those the gateway dropped or refused.
    ...(requests > 1 ? [`${requests} requests that could charge reached the gateway`] : []),
  ];
}

/** Of each of its rows; also those requests that the gateway dropped or refused. */
const refundRequests = ({ data }) => data.reduce((sum, row) => sum + row.refund_requests, 0);

function problemsWithRefund(ledger) {
  const requests = refundRequests(ledger);
  return requests > 1 ? [`${requests} refund requests reached the gateway`] : [];
}

function problemsWithOrder({ data }, order) {
  if (!order) return ['the order domain has never heard of it'];
  const row = data.find((candidate) => candidate.parent_transID === null);
  const expected = row ? (STATUS_OF_CODE[row.order_status] ?? []) : WITHOUT_A_ROW;
  const gaps = gapsIn(order);
  return [
    ...(expected.includes(order.payment_status)
      ? []
      : [`is ${order.payment_status}, but the gateway says ${row?.order_status ?? 'nothing'}`]),
    ...(gaps.length > 0 ? [`events ${gaps.join(', ')} are missing`] : []),
  ];
}

export class Oracle {
  #urls;

  /** @param {{ sandbox: string, orders: string }} urls */
  constructor({ sandbox, orders }) {
    this.#urls = { sandbox, orders };
  }

  /** What is so now: `problems` in words, empty when all is well. */
  async judge(reference) {
    const name = encodeURIComponent(reference);
    const [ledger, order] = await Promise.all([
      getJson(`${this.#urls.sandbox}/sandbox/ledger?reference=${name}`),
      getJson(`${this.#urls.orders}/orders/${name}`),
    ]);
    if (!ledger) return { reference, problems: ['the ledger does not answer'] };
    const problems = [
      ...problemsWithCharge(ledger),
      ...problemsWithRefund(ledger),
      ...problemsWithOrder(ledger, order),
    ];
    return {
      reference,
      problems,
      status: order?.payment_status,
      sequence: order?.sequence,
      requests: ledger.received.filter((request) => request.could_charge).length,
      refundRequests: refundRequests(ledger),
      charges: ledger.data.filter(({ charged }) => charged).length,
    };
  }

  /**
   * The verdict as soon as nothing is wrong any more, else the one at the limit. `ends` names the only status it may end
   * in, for payments that are well on the way too: a callback may still come.
   */
  async verdict(reference, limitMs, ends) {
    let last = { reference, problems: ['was not looked at'] };
    const isWell = async () => {
      last = await this.#judgeEnd(reference, ends).catch((error) => ({
        reference,
        problems: [`could not be judged: ${error.cause?.code ?? error.message}`],
      }));
      return last.problems.length === 0;
    };
    await until(isWell, { what: reference, limitMs, everyMs: 100 }).catch(() => {});
    return last;
  }

  /** Resolves when the payment has come to `status` and all is well with it; throws at the limit. */
  async reaches(reference, status, limitMs) {
    const { problems } = await this.verdict(reference, limitMs, status);
    if (problems.length > 0) throw new Error(`${reference}: ${problems.join('; ')}`);
  }

  async #judgeEnd(reference, ends) {
    const verdict = await this.judge(reference);
    if (ends !== undefined && verdict.status !== ends)
      verdict.problems.push(`is ${verdict.status} instead of ${ends}`);
    return verdict;
  }
}
