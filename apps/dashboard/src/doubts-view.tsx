// Payments and refunds in doubt, oldest first, with the evidence and the actions.
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { type Doubt, type DoubtPage, get } from './api.js';
import { Failure, Table, When } from './parts.js';
import { AskAgain, Resolve } from './resolution.js';
import { useMayAct } from './session.js';
import parts from './parts.module.css';

const EVERY_MS = 10_000;

export function DoubtsView(): ReactNode {
  const kind = new URLSearchParams(useSearch()).get('kind') === 'refund' ? 'refund' : 'payment';
  const [, navigate] = useLocation();
  const { data, error, isPending, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['doubts', kind],
    queryFn: ({ pageParam }) =>
      get<DoubtPage>(`/doubts?kind=${kind}${pageParam === '' ? '' : `&after=${pageParam}`}`),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: EVERY_MS,
  });
  const totals = data?.pages[0]?.totals;
  const doubts = data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <section aria-labelledby="doubts">
      <h1 id="doubts">In doubt</h1>
      <p>
        It is unknown whether the gateway has these. The customer may have been charged: do not ask
        for another payment.
      </p>
      <div className={parts.tabs} role="group" aria-label="Kind">
        {(['payment', 'refund'] as const).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === kind}
            onClick={() => navigate(`/doubts?kind=${one}`)}
          >
            {one === 'payment'
              ? `Payments ${totals?.payments ?? ''}`
              : `Refunds ${totals?.refunds ?? ''}`}
          </button>
        ))}
      </div>
      {error && <Failure error={error} />}
      {isPending && <p className={parts.loading}>Loading…</p>}
      {data && doubts.length === 0 && <p role="status">Nothing is in doubt.</p>}
      {doubts.length > 0 && (
        <Table
          caption="In doubt, oldest first"
          columns={[
            'Reference',
            'Since',
            'Amount',
            'Reason',
            'Evidence',
            'Next inquiry',
            'Actions',
          ]}
        >
          {doubts.map((doubt) => (
            <Row key={doubt.id} doubt={doubt} />
          ))}
        </Table>
      )}
      {hasNextPage && (
        <button type="button" onClick={() => void fetchNextPage()}>
          More
        </button>
      )}
    </section>
  );
}

function Row({ doubt }: { doubt: Doubt }): ReactNode {
  const mayAct = useMayAct();
  return (
    <tr>
      <th scope="row">
        <Link href={`/payments/${doubt.payment_id}`}>{doubt.reference}</Link>
        <small>
          {doubt.merchant}/{doubt.terminal}
        </small>
      </th>
      <td>
        <When at={doubt.since} />
      </td>
      <td className={parts.number}>
        {doubt.amount} {doubt.currency}
      </td>
      <td className={parts.wide}>
        {doubt.reason}
        <small>{doubt.meaning}</small>
      </td>
      <td className={parts.wide}>
        {doubt.trans_id === null ? 'No transID.' : `transID ${doubt.trans_id}.`}
        <small>{evidenceOf(doubt)}</small>
      </td>
      <td>
        <When at={doubt.next_step_at} />
      </td>
      <td className={parts.actions}>
        {mayAct && doubt.kind === 'payment' && <AskAgain id={doubt.id} />}
        {mayAct && <Resolve kind={doubt.kind} id={doubt.id} />}
      </td>
    </tr>
  );
}

function evidenceOf({ evidence: { attempt, answer, callbacks }, inquiries }: Doubt): string {
  const sent = attempt
    ? `Attempt: ${attempt.outcome ?? 'never closed'}${attempt.reason === null ? '' : ` (${attempt.reason})`}.`
    : 'No attempt.';
  const asked = answer ? ` Last answer: ${answer.answer.replaceAll('_', ' ')}.` : '';
  return `${sent} ${inquiries} inquiries.${asked} ${callbacks} callbacks.`;
}
