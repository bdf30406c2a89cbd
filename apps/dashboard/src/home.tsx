// The first view: the verdict, and one box that finds any payment.
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { type Finding, get, type SearchResult, type Verdict } from './api.js';
import { Failure, Status, Table, When } from './parts.js';

const VERDICT_EVERY_MS = 5_000;

export function Home(): ReactNode {
  return (
    <>
      <VerdictCards />
      <Search />
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
        <div className="cards">
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
    <article className="card" data-grade={finding.grade}>
      <p className="question">
        {question} <span className="grade">{GRADES[finding.grade]}</span>
      </p>
      <h2>{finding.sentence}</h2>
      <p>{finding.reason}</p>
      {finding.next_step !== null && (
        <p className="next">
          <strong>Next:</strong> {finding.next_step}
        </p>
      )}
    </article>
  );
}

function Search(): ReactNode {
  const asked = new URLSearchParams(useSearch()).get('q') ?? '';
  const [, navigate] = useLocation();
  const [text, setText] = useState(asked);
  const { data, error, isFetching } = useQuery({
    queryKey: ['search', asked],
    queryFn: () => get<SearchResult>(`/search?q=${encodeURIComponent(asked)}`),
    enabled: asked !== '',
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    navigate(`/?q=${encodeURIComponent(text.trim())}`);
  };
  return (
    <section aria-labelledby="find">
      <h1 id="find">Find a payment</h1>
      <form className="search" role="search" onSubmit={submit}>
        <label className="hidden" htmlFor="q">
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
        <button type="submit" className="main">
          Find
        </button>
      </form>
      {error && <Failure error={error} />}
      {isFetching && <p className="loading">Searching…</p>}
      {data?.data.length === 0 && (
        <p role="status">No payment has “{asked}”. A reference must be complete.</p>
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
          <td className="number">
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
