// Replays all events of a time: what a subscriber needs that has lost what it had handled. The
// number of events is shown before the action.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type EventCount, get, type ReplayList } from './api.js';
import { Action, Table, textIn, When, Why, whyIn } from './parts.js';
import { useMayAct } from './session.js';
import parts from './parts.module.css';

const EVERY_MS = 5_000;

export function ReplayOfTime({ subscribers }: { subscribers: readonly string[] }): ReactNode {
  const mayAct = useMayAct();
  const { data } = useQuery({
    queryKey: ['replays'],
    queryFn: () => get<ReplayList>('/events/replays'),
    refetchInterval: EVERY_MS,
  });
  const replays = data?.data ?? [];
  return (
    <>
      {mayAct && <RequestReplay subscribers={subscribers} />}
      {replays.length > 0 && (
        <>
          <h2>Replays of a time</h2>
          <Table
            caption="Replays of a time, newest first"
            columns={['Subscriber', 'From', 'Until', 'Events', 'Progress', 'By']}
          >
            {replays.map((replay) => (
              <tr key={replay.id}>
                <th scope="row">{replay.subscriber ?? 'all'}</th>
                <td>
                  <When at={replay.from} />
                </td>
                <td>
                  <When at={replay.until} />
                </td>
                <td className={parts.number}>{replay.events}</td>
                <td>{replay.ended_at === null ? progressOf(replay) : 'finished'}</td>
                <td>{replay.requested_by}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </>
  );
}

function progressOf({ from, until, reached_at: at }: ReplayList['data'][number]): string {
  const [begin, end] = [Date.parse(from), Date.parse(until)];
  return `${Math.floor((100 * (Date.parse(at) - begin)) / (end - begin))} %`;
}

function RequestReplay({ subscribers }: { subscribers: readonly string[] }): ReactNode {
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const span = spanOf(from, until);
  const { data: counted, error } = useQuery({
    queryKey: ['events-of', span],
    queryFn: () => get<EventCount>(`/events/count?${new URLSearchParams(span)}`),
    enabled: span !== undefined,
    retry: false,
  });
  const body = (form: FormData) => {
    const subscriber = textIn(form, 'subscriber');
    return {
      // Without an end of its own: the end that was counted, and not the moment of the click.
      ...(counted && { until: counted.until }),
      ...spanOf(textIn(form, 'from'), textIn(form, 'until')),
      ...(subscriber !== '' && { subscriber }),
      ...whyIn(form),
    };
  };
  return (
    <Action
      name="Replay a time"
      title="Replay all events of a time"
      path="/events/replay"
      body={body}
    >
      <p>
        For a subscriber that has lost what it had handled. It gets the events once more, in their
        order, and ignores those that are in its inbox.
      </p>
      <label>
        From, a time or evt_…
        <input
          name="from"
          required
          onBlur={(event) => setFrom(event.target.value.trim())}
          placeholder="2027-01-31 08:00"
        />
      </label>
      <label>
        Until, now if empty
        <input
          name="until"
          onBlur={(event) => setUntil(event.target.value.trim())}
          placeholder="2027-01-31 12:00"
        />
      </label>
      <label>
        Subscriber
        <select name="subscriber" defaultValue="">
          <option value="">all</option>
          {subscribers.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <Why />
      <p role="status">
        {from !== '' && span === undefined && 'This is no time, and no event.'}
        {error ? error.message : counted && sizeOf(counted)}
      </p>
    </Action>
  );
}

/** Returns the span as the API takes it; undefined while a field cannot be read. */
function spanOf(from: string, until: string): { from: string; until?: string } | undefined {
  const [begin, end] = [from.startsWith('evt_') ? from : instant(from), instant(until)];
  if (begin === undefined || (until !== '' && end === undefined)) return undefined;
  return { from: begin, ...(end !== undefined && { until: end }) };
}

/** Times of the page are those of the browser; the API takes them with their offset. */
function instant(text: string): string | undefined {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function sizeOf({ events, is_more: isMore, from, until }: EventCount): string {
  const number = `${isMore ? 'More than ' : ''}${isMore ? events - 1 : events}`;
  return `${number} events, from ${from} until ${until}.`;
}
