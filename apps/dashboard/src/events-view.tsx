// The subscribers of events, their lag, and the entries that they could not process.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type FailedList, get, type Subscribers } from './api.js';
import { Action, Failure, span, Table, When, Why, whyIn } from './parts.js';
import { ReplayOfTime } from './replay-of-time.js';
import { useMayAct } from './session.js';
import parts from './parts.module.css';

const EVERY_MS = 5_000;

export function EventsView(): ReactNode {
  const mayAct = useMayAct();
  const subscribers = useQuery({
    queryKey: ['subscribers'],
    queryFn: () => get<Subscribers>('/events/subscribers'),
    refetchInterval: EVERY_MS,
  });
  const failed = useQuery({
    queryKey: ['failed'],
    queryFn: () => get<FailedList>('/events/failed?limit=100'),
    refetchInterval: EVERY_MS,
  });
  const entries = failed.data?.data ?? [];
  return (
    <section aria-labelledby="events">
      <h1 id="events">Events</h1>
      {subscribers.error && <Failure error={subscribers.error} />}
      {subscribers.data?.data === null && <p role="status">Redis is unavailable.</p>}
      {subscribers.data?.data && (
        <Table
          caption="Subscribers"
          columns={['Subscriber', 'Processes', 'Waiting', 'Lag', 'Retrying', 'Failed entries']}
        >
          {subscribers.data.data.map(
            ({ name, processes, waiting, lag_seconds: lag, retrying, failed: bad }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className={parts.number}>{processes}</td>
                <td className={parts.number}>{waiting}</td>
                <td className={parts.number}>{span(lag)}</td>
                <td className={parts.number}>{retrying}</td>
                <td className={parts.number}>{bad}</td>
              </tr>
            ),
          )}
        </Table>
      )}
      <ReplayOfTime subscribers={subscribers.data?.data?.map(({ name }) => name) ?? []} />
      <h2>Failed entries</h2>
      {failed.error && <Failure error={failed.error} />}
      {failed.data && entries.length === 0 && <p role="status">Every event was processed.</p>}
      {entries.length > 0 && (
        <>
          {mayAct && (
            <Action
              name="Replay all"
              title="Replay every failed entry"
              path="/events/replay"
              body={(form) => ({ all: true, ...whyIn(form) })}
            >
              <p>Mend the handler first. Subscribers ignore events that they have processed.</p>
              <Why />
            </Action>
          )}
          <Table
            caption="Failed entries, oldest first"
            columns={['Entry', 'Failed', 'Attempts', 'Reason', 'Events', 'Action']}
          >
            {entries.map((entry) => (
              <tr key={entry.entry}>
                <th scope="row">{entry.entry}</th>
                <td>
                  <When at={entry.failed_at} />
                </td>
                <td className={parts.number}>{entry.attempts}</td>
                <td className={parts.wide}>{entry.reason}</td>
                <td className={parts.wide}>
                  <code>{entry.events.join(' ')}</code>
                </td>
                <td>
                  {mayAct && (
                    <Action
                      name="Replay"
                      title={`Replay ${entry.entry}`}
                      path="/events/replay"
                      body={(form) => ({ id: entry.entry, ...whyIn(form) })}
                    >
                      <Why />
                    </Action>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </section>
  );
}
