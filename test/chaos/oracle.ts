// Judges whether a payment ended as it must. The oracle asks the gateway's own ledger and the order
// domain's table, never Quittance: that Quittance believes a payment to be fine proves nothing.
import type { Ledger } from './sandbox-control.js';
import { until } from './waiting.js';

/**
 * The statuses that the order domain may have for each code of the gateway's ledger. Written from
 * the protocol, not from Quittance's code.
 */
const STATUSES_OF_CODE: Readonly<Record<string, readonly string[]>> = {
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
/** Without a row in the ledger: the request was not sent, or nothing can show whether it was. */
const STATUSES_WITHOUT_ROW = ['in_doubt', 'failed', 'cancelled'];

const REQUEST_LIMIT_MS = 10_000;
/** Hundreds of payments are awaited at once: a look costs their sandbox and order domain time. */
const LOOK_EVERY_MS = 500;

/** The order domain's view of a payment. */
interface Order {
  readonly payment_status: string;
  readonly sequence: number;
  readonly events: readonly { readonly sequence: number }[];
}

/** The state of a payment; `problems` is empty when all is well. */
export interface Verdict {
  readonly reference: string;
  readonly problems: string[];
  readonly status?: string | undefined;
  readonly sequence?: number | undefined;
  readonly requests?: number;
  readonly refundRequests?: number;
  readonly charges?: number;
}

async function getJson<T>(url: string): Promise<T | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_LIMIT_MS) });
  if (response.ok) return (await response.json()) as T;
  await response.body?.cancel();
  return undefined;
}

/** Sequence numbers that are missing before the last one. */
function gapsIn({ sequence, events }: Order): number[] {
  const received = new Set(events.map((event) => event.sequence));
  return Array.from({ length: sequence }, (_, at) => at + 1).filter(
    (number) => !received.has(number),
  );
}

const chargesIn = ({ data }: Ledger) => data.filter(({ charged }) => charged).length;
/** Each could have moved money, also those that the gateway dropped or rejected. */
const requestsIn = ({ received }: Ledger) =>
  received.filter((request) => request.could_charge).length;
/** For any of the rows; also those that the gateway dropped or rejected. */
const refundRequestsIn = ({ data }: Ledger) =>
  data.reduce((sum, row) => sum + row.refund_requests, 0);

function problemsInLedger(ledger: Ledger): string[] {
  const [charges, requests, refunds] = [
    chargesIn(ledger),
    requestsIn(ledger),
    refundRequestsIn(ledger),
  ];
  return [
    ...(charges > 1 ? [`charged ${charges} times`] : []),
    ...(requests > 1 ? [`${requests} requests that could charge reached the gateway`] : []),
    ...(refunds > 1 ? [`${refunds} refund requests reached the gateway`] : []),
  ];
}

function problemsInOrder({ data }: Ledger, order: Order | undefined): string[] {
  if (!order) return ['the order domain has no event of it'];
  const row = data.find((candidate) => candidate.parent_transID === null);
  const expected = row ? (STATUSES_OF_CODE[row.order_status] ?? []) : STATUSES_WITHOUT_ROW;
  const gaps = gapsIn(order);
  return [
    ...(expected.includes(order.payment_status)
      ? []
      : [`is ${order.payment_status}, but the gateway says ${row?.order_status ?? 'nothing'}`]),
    ...(gaps.length > 0 ? [`events ${gaps.join(', ')} are missing`] : []),
  ];
}

/** Judges the payments of one stack. */
export class Oracle {
  readonly #urls: { readonly sandbox: string; readonly orders: string };

  constructor(urls: { readonly sandbox: string; readonly orders: string }) {
    this.#urls = urls;
  }

  /** The present state of a payment. */
  async judge(reference: string): Promise<Verdict> {
    const name = encodeURIComponent(reference);
    const [ledger, order] = await Promise.all([
      getJson<Ledger>(`${this.#urls.sandbox}/sandbox/ledger?reference=${name}`),
      getJson<Order>(`${this.#urls.orders}/orders/${name}`),
    ]);
    if (!ledger) return { reference, problems: ['the ledger does not answer'] };
    return {
      reference,
      problems: [...problemsInLedger(ledger), ...problemsInOrder(ledger, order)],
      status: order?.payment_status,
      sequence: order?.sequence,
      requests: requestsIn(ledger),
      refundRequests: refundRequestsIn(ledger),
      charges: chargesIn(ledger),
    };
  }

  /**
   * The verdict as soon as nothing is wrong any more, else the one at the limit. `ends` is the only
   * status in which the payment may end; without it, a status on the way is accepted too, although
   * a callback may follow.
   */
  async verdict(reference: string, limitMs: number, ends?: string): Promise<Verdict> {
    let last: Verdict = { reference, problems: ['was not looked at'] };
    const isWell = async () => {
      last = await this.#judgeEnd(reference, ends).catch((error: Error) => {
        const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
        return { reference, problems: [`could not be judged: ${code ?? error.message}`] };
      });
      return last.problems.length === 0;
    };
    const limits = { what: reference, limitMs, everyMs: LOOK_EVERY_MS };
    await until(isWell, limits).catch(() => {});
    return last;
  }

  /** Resolves once the payment is `status` and nothing is wrong with it; throws at the limit. */
  async reaches(reference: string, status: string, limitMs: number): Promise<void> {
    const { problems } = await this.verdict(reference, limitMs, status);
    if (problems.length > 0) throw new Error(`${reference}: ${problems.join('; ')}`);
  }

  async #judgeEnd(reference: string, ends: string | undefined): Promise<Verdict> {
    const verdict = await this.judge(reference);
    if (ends !== undefined && verdict.status !== ends)
      verdict.problems.push(`is ${verdict.status} instead of ${ends}`);
    return verdict;
  }
}
