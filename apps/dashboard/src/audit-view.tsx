// The proposals that wait for a second operator, and everything that operators did.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { type AuditList, get, type ProposalList } from './api.js';
import { Action, Failure, Table, When, Why, whyIn } from './parts.js';
import { useMayAct } from './session.js';
import parts from './parts.module.css';

export function AuditView(): ReactNode {
  const audit = useQuery({
    queryKey: ['audit'],
    queryFn: () => get<AuditList>('/audit?limit=100'),
  });
  return (
    <section aria-labelledby="audit">
      <Proposals />
      <h1 id="audit">Audit</h1>
      {audit.error && <Failure error={audit.error} />}
      {audit.data?.data.length === 0 && <p role="status">No operator has done anything yet.</p>}
      {audit.data && audit.data.data.length > 0 && (
        <Table
          caption="Actions, newest first"
          columns={['#', 'At', 'By', 'Action', 'Subject', 'Why']}
        >
          {audit.data.data.map((action) => (
            <tr key={action.number}>
              <td className={parts.number}>{action.number}</td>
              <td>
                <When at={action.at} />
              </td>
              <th scope="row">
                {action.operator}
                {action.proposed_by !== null && <small>proposed by {action.proposed_by}</small>}
              </th>
              <td>{action.action}</td>
              <td>
                <Subject kind={action.subject.kind} id={action.subject.id} />
              </td>
              <td className={parts.wide}>{action.why}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function Subject({ kind, id }: { kind: string; id: string }): ReactNode {
  if (kind === 'payment') return <Link href={`/payments/${id}`}>{id}</Link>;
  return `${kind}: ${id}`;
}

function Proposals(): ReactNode {
  const mayAct = useMayAct();
  const { data } = useQuery({
    queryKey: ['proposals'],
    queryFn: () => get<ProposalList>('/proposals'),
    refetchInterval: 10_000,
  });
  if (!data || data.data.length === 0) return null;
  return (
    <>
      <h1>Waiting for a second operator</h1>
      <Table
        caption="Proposals"
        columns={['Proposed', 'By', 'Action', 'Subject', 'How', 'Why', 'Decision']}
      >
        {data.data.map((proposal) => (
          <tr key={proposal.id}>
            <td>
              <When at={proposal.proposed_at} />
            </td>
            <th scope="row">{proposal.proposed_by}</th>
            <td>{proposal.action}</td>
            <td>
              <Subject kind={proposal.subject.kind} id={proposal.subject.id} />
            </td>
            <td>{JSON.stringify(proposal.arguments)}</td>
            <td className={parts.wide}>{proposal.why}</td>
            <td className={parts.actions}>
              {mayAct && !proposal.is_yours && (
                <Action
                  name="Approve"
                  title={`Approve ${proposal.action}`}
                  path={`/proposals/${proposal.id}/approve`}
                  body={whyIn}
                >
                  <Why />
                </Action>
              )}
              {mayAct && (
                <Action
                  name="Withdraw"
                  title={`Withdraw ${proposal.action}`}
                  path={`/proposals/${proposal.id}/withdraw`}
                  body={whyIn}
                >
                  <Why />
                </Action>
              )}
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}
