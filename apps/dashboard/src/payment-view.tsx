// One payment's whole story: what it is, what comes next and why, and everything that happened.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get, type PaymentStory } from './api.js';
import { Failure, Status, Table, When } from './parts.js';
import { AskAgain, Resolve } from './resolution.js';
import { useMayAct } from './session.js';
import parts from './parts.module.css';
import style from './payment-view.module.css';

const EVERY_MS = 5_000;

export function PaymentView({ id }: { id: string }): ReactNode {
  const { data, error, isPending } = useQuery({
    queryKey: ['payment', id],
    queryFn: () => get<PaymentStory>(`/payments/${encodeURIComponent(id)}`),
    refetchInterval: EVERY_MS,
  });
  if (error) return <Failure error={error} />;
  if (isPending) return <p className={parts.loading}>Loading…</p>;
  return <Story story={data} />;
}

function Story({ story }: { story: PaymentStory }): ReactNode {
  const mayAct = useMayAct();
  const { payment_intent: payment, doubt, next_step: next } = story;
  return (
    <section aria-labelledby="payment">
      <h1 id="payment">
        {payment.reference} <Status status={payment.status} />
      </h1>
      <p className={parts.facts}>
        {payment.amount} {payment.currency} · {payment.method}
        {payment.card && ` ${payment.card.brand} …${payment.card.last4}`} · {story.merchant}/
        {story.terminal.name} ({story.terminal.mode}, lane {story.terminal.lane}) ·{' '}
        {payment.gateway ? `transID ${payment.gateway.trans_id}` : 'no transID'} ·{' '}
        <code>{payment.id}</code>
      </p>
      {payment.failure && (
        <p className={parts.note} data-grade="bad">
          <strong>{payment.failure.code}:</strong> {payment.failure.message}
        </p>
      )}
      {doubt && (
        <p className={parts.note} data-grade="attention">
          <strong>In doubt ({doubt.reason}):</strong> {doubt.meaning} The customer may have been
          charged: do not ask for another payment.
        </p>
      )}
      <p className={parts.note}>
        <strong>Next:</strong> {next.description}
      </p>
      {mayAct && !['queued', 'submitting'].includes(payment.status) && (
        <p className={parts.actions}>
          <AskAgain id={payment.id} />
          {doubt && <Resolve kind="payment" id={payment.id} />}
        </p>
      )}
      <Timeline story={story} />
      <Attempts story={story} />
      <Reports story={story} />
      <Refunds story={story} />
      <Others story={story} />
    </section>
  );
}

function Timeline({ story }: { story: PaymentStory }): ReactNode {
  const failed = new Map(
    (story.failed_deliveries ?? []).flatMap((entry) =>
      entry.events.map((event) => [event, entry] as const),
    ),
  );
  return (
    <>
      <h2>Timeline</h2>
      <ol className={style.timeline}>
        {story.transitions.map((move) => {
          const lost = failed.get(move.event);
          return (
            <li key={move.sequence}>
              <Status status={move.to} /> <When at={move.at} />
              <small>
                by {move.cause}
                {move.attempt !== null && `, attempt ${move.attempt}`}
                {move.gateway_code !== null && `, code ${move.gateway_code}`}
                {move.note !== null && `, ${move.note}`} · <code>{move.event}</code>{' '}
                {move.is_published ? '' : 'not in Redis yet'}
              </small>
              {lost && (
                <small className={parts.failure}>
                  {lost.subscriber} could not process it: {lost.reason}
                </small>
              )}
            </li>
          );
        })}
      </ol>
      {story.failed_deliveries === null && (
        <p role="status">Redis is unavailable, so failed deliveries cannot be seen.</p>
      )}
      {story.operator_actions.length > 0 && (
        <Table caption="Operators’ actions" columns={['At', 'By', 'Action', 'Why']}>
          {story.operator_actions.map((action) => (
            <tr key={`${action.at} ${action.action}`}>
              <td>
                <When at={action.at} />
              </td>
              <th scope="row">
                {action.operator}
                {action.proposed_by !== null && <small>proposed by {action.proposed_by}</small>}
              </th>
              <td>{action.action}</td>
              <td className={parts.wide}>{action.why}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function Attempts({ story: { attempts } }: { story: PaymentStory }): ReactNode {
  if (attempts.length === 0) return <p>Nothing was sent to the gateway.</p>;
  return (
    <>
      <h2>Attempts</h2>
      <Table
        caption="Attempts"
        columns={['#', 'Opened', 'Outcome', 'Took', 'HTTP', 'Error', 'Reason']}
      >
        {attempts.map((attempt) => (
          <tr key={attempt.number}>
            <th scope="row">{attempt.number}</th>
            <td>
              <When at={attempt.opened_at} />
            </td>
            <td>{attempt.outcome ?? 'open'}</td>
            <td className={parts.number}>
              {attempt.duration_ms === null ? '' : `${attempt.duration_ms} ms`}
            </td>
            <td className={parts.number}>{attempt.http_status}</td>
            <td>{attempt.error_number}</td>
            <td className={parts.wide}>{attempt.reason}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function Reports({ story: { callbacks, inquiries } }: { story: PaymentStory }): ReactNode {
  return (
    <>
      {callbacks.length > 0 && (
        <>
          <h2>Callbacks</h2>
          <Table caption="Callbacks" columns={['Received', 'Form', 'Verdict', 'Reason']}>
            {callbacks.map((callback) => (
              <tr key={callback.received_at}>
                <td>
                  <When at={callback.received_at} />
                </td>
                <td>{callback.is_encrypted ? 'encrypted' : 'plain'}</td>
                <td>{callback.verdict}</td>
                <td className={parts.wide}>{callback.reason}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
      {inquiries.length > 0 && (
        <>
          <h2>Inquiries in doubt</h2>
          <Table caption="Inquiries in doubt" columns={['Asked', 'By', 'Answer', 'Detail']}>
            {inquiries.map((inquiry) => (
              <tr key={inquiry.asked_at}>
                <td>
                  <When at={inquiry.asked_at} />
                </td>
                <td>{inquiry.strategy}</td>
                <td>{inquiry.answer.replaceAll('_', ' ')}</td>
                <td className={parts.wide}>{inquiry.detail}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </>
  );
}

function Refunds({ story: { refunds } }: { story: PaymentStory }): ReactNode {
  const mayAct = useMayAct();
  return refunds.map((refund) => (
    <article key={refund.id}>
      <h2>
        Refund {refund.reference} <Status status={refund.status} />
      </h2>
      <p className={parts.facts}>
        {refund.amount} {refund.currency} · <code>{refund.id}</code>
      </p>
      <p className={parts.note}>
        <strong>Next:</strong> {refund.next_step.description}
      </p>
      {mayAct && refund.status === 'in_doubt' && <Resolve kind="refund" id={refund.id} />}
    </article>
  ));
}

function Others({ story: { other_payments: others } }: { story: PaymentStory }): ReactNode {
  if (others.length === 0) return null;
  return (
    <>
      <h2>Other payments concerned</h2>
      <Table
        caption="Other payments concerned"
        columns={['Reference', 'Merchant', 'Status', 'transID', 'Why']}
      >
        {others.map((other) => (
          <tr key={`${other.merchant} ${other.reference} ${other.why}`}>
            <th scope="row">{other.reference}</th>
            <td>{other.merchant}</td>
            <td>
              <Status status={other.status} />
            </td>
            <td>{other.trans_id}</td>
            <td className={parts.wide}>{other.why}</td>
          </tr>
        ))}
      </Table>
    </>
  );
}
