// The first view: the verdict, one box that finds any payment, and the charts.
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, lazy, type ReactNode, Suspense, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { type Finding, get, type SearchResult, type Verdict } from './api.js';
import { Failure, Status, Table, When } from './parts.js';
import parts from './parts.module.css';
import style from './home.module.css';

const VERDICT_EVERY_MS = 5_000;
/** Loaded after the verdict, with the library that draws. */
const OverviewView = lazy(async () => ({
  default: (await import('./overview/overview-view.js')).OverviewView,
}));

export function Home(): ReactNode {
  return (
    <>
      <VerdictCards />
      <Search />
      <Suspense fallback={<p className={parts.loading}>Loading…</p>}>
        <OverviewView />
      </Suspense>
    </>
  );
}

function VerdictCards(): ReactNode {
  const { data, error } = useQuery({
    queryKey: ['health'],
    queryFn: () => get<Verdict>('/health'),
    refetchInterval: VERDICT_EVERY_MS,
  });
  return (
    <section aria-labelledby="state">
      <h1 id="state">State</h1>
      {error && <Failure error={error} />}
      {data && (
        <div className={style.cards}>
          <Card question="Is work starting?" finding={data.work} />
          <Card question="Do payments end well?" finding={data.outcomes} />
          <Card question="Is this data fresh?" finding={data.data} />
        </div>
      )}
    </section>
  );
}

const GRADES = { good: 'Good', attention: 'Look soon', bad: 'Act now', unknown: 'Unknown' };

function Card({ question, finding }: { question: string; finding: Finding }): ReactNode {
  return (
    <article className={style.card} data-grade={finding.grade}>
      <p className={style.question}>
        {question} <span className={style.grade}>{GRADES[finding.grade]}</span>
      </p>
      <h2>{finding.sentence}</h2>
      <p>{finding.reason}</p>
      {finding.next_step !== null && (
        <p className={style.next}>
          <strong>Next:</strong> {finding.next_step}
        </p>
      )}
    </article>
  );
}

function Search(): ReactNode {
  const search = useSearch();
  const asked = new URLSearchParams(search).get('q') ?? '';
  const [, navigate] = useLocation();
  const [text, setText] = useState(asked);
  const { data, error, isFetching } = useQuery({
    queryKey: ['search', asked],
    queryFn: () => get<SearchResult>(`/search?q=${encodeURIComponent(asked)}`),
    enabled: asked !== '',
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const query = new URLSearchParams(search);
    query.set('q', text.trim());
    navigate(`/?${query}`);
  };
  return (
    <section aria-labelledby="find">
      <h1 id="find">Find a payment</h1>
      <form className={style.search} role="search" onSubmit={submit}>
        <label className={parts.hidden} htmlFor="q">
          Reference, pi_, re_, evt_, transID or last four
        </label>
        <input
          id="q"
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Reference, pi_…, re_…, evt_…, transID or last four"
          spellCheck={false}
          required
        />
        <button type="submit" className={parts.main}>
          Find
        </button>
      </form>
      {error && <Failure error={error} />}
      {isFetching && <p className={parts.loading}>Searching…</p>}
      {data?.data.length === 0 && (
        <p role="status">
          No payment has “{asked}”. A reference must be complete; the last four digits of a card are
          looked for among the newest 200,000 payments.
        </p>
      )}
      {data && data.data.length > 0 && <Results found={data.data} />}
    </section>
  );
}

function Results({ found }: { found: SearchResult['data'] }): ReactNode {
  const columns = ['Reference', 'Status', 'Amount', 'Merchant', 'Accepted', 'Found by'];
  return (
    <Table caption="Payments found" columns={columns}>
      {found.map((payment) => (
        <tr key={`${payment.id} ${payment.matched}`}>
          <th scope="row">
            <Link href={`/payments/${payment.id}`}>{payment.reference}</Link>
          </th>
          <td>
            <Status status={payment.status} />
          </td>
          <td className={parts.number}>
            {payment.amount} {payment.currency}
          </td>
          <td>
            {payment.merchant}/{payment.terminal}
          </td>
          <td>
            <When at={payment.created_at} />
          </td>
          <td>{payment.matched}</td>
        </tr>
      ))}
    </Table>
  );
}
