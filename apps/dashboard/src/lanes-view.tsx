// The lanes: what holds each back, its backlog and pace, and the actions on it.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get, type Lane, type LaneList } from './api.js';
import { FailedJobsSection } from './failed-jobs.js';
import { Action, Failure, span, Table, textIn, When, Why, whyIn } from './parts.js';
import { useMayAct } from './session.js';
import parts from './parts.module.css';

const EVERY_MS = 5_000;
const COLUMNS = [
  'Lane',
  'Held back by',
  'Waiting',
  'Oldest',
  'p95 wait',
  'Done in',
  'In flight',
  'Limits',
] as const;

export function LanesView(): ReactNode {
  const mayAct = useMayAct();
  const { data, error, isPending } = useQuery({
    queryKey: ['lanes'],
    queryFn: () => get<LaneList>('/lanes'),
    refetchInterval: EVERY_MS,
  });
  return (
    <>
      <section aria-labelledby="lanes">
        <h1 id="lanes">Lanes</h1>
        {error && <Failure error={error} />}
        {isPending && <p className={parts.loading}>Loading…</p>}
        {data?.data.length === 0 && <p role="status">There are no lanes; a terminal has one.</p>}
        {data && data.data.length > 0 && (
          <Table caption="Lanes" columns={mayAct ? [...COLUMNS, 'Actions'] : COLUMNS}>
            {data.data.map((lane) => (
              <Row key={lane.name} lane={lane} mayAct={mayAct} />
            ))}
          </Table>
        )}
      </section>
      <FailedJobsSection />
    </>
  );
}

function Row({ lane, mayAct }: { lane: Lane; mayAct: boolean }): ReactNode {
  const { held_back: held, pause, jobs } = lane;
  return (
    <tr>
      <th scope="row">
        {lane.name}
        <small>{counted(lane.terminals, 'terminal')}</small>
      </th>
      <td className={parts.wide}>
        <span className={parts.status} data-grade={held.grade}>
          {held.by.replaceAll('_', ' ')}
        </span>{' '}
        {held.by === 'nothing' ? '' : held.sentence}
        {pause && (
          <small>
            Since <When at={pause.at} />.
          </small>
        )}
        {held.next_step !== null && <small>{held.next_step}</small>}
      </td>
      <td className={parts.number}>{jobs ? jobs.waiting + jobs.delayed : 'unknown'}</td>
      <td className={parts.number}>{seconds(lane.oldest_seconds)}</td>
      <td className={parts.number}>{seconds(lane.wait_p95_seconds)}</td>
      <td className={parts.number}>
        {seconds(lane.drain_seconds)}
        <small>{lane.sent_per_second.toFixed(1)} a second</small>
      </td>
      <td className={parts.number}>
        {lane.in_flight} of {lane.places}
        <small>{counted(lane.workers, 'worker')}</small>
      </td>
      <td className={parts.number}>
        {lane.concurrency === null ? 'any' : lane.concurrency} in flight
        <small>{lane.rate_per_second === null ? 'any' : lane.rate_per_second} a second</small>
      </td>
      {mayAct && (
        <td className={parts.actions}>
          {pause ? <Resume name={lane.name} /> : <Pause name={lane.name} />}
          <Limits lane={lane} />
        </td>
      )}
    </tr>
  );
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** A time that is short in a lane that works. */
function seconds(value: number | null): ReactNode {
  if (value === null) return <span className={parts.faint}>none</span>;
  return value > 0 && value < 10 ? `${value.toFixed(1)} s` : span(value);
}

function Pause({ name }: { name: string }): ReactNode {
  return (
    <Action
      name="Pause"
      title={`Pause lane ${name}`}
      path={`/lanes/${name}/pause`}
      body={(form) => ({ reason: textIn(form, 'reason') })}
    >
      <p>
        Nothing of this lane is sent any more, except requests that are in flight. Its payments stay
        queued, and end unsent at their deadline. Inquiries and refunds continue.
      </p>
      <label>
        Reason, for the next shift (stored, no card data)
        <input name="reason" maxLength={1_000} required />
      </label>
    </Action>
  );
}

function Resume({ name }: { name: string }): ReactNode {
  return (
    <Action name="Resume" title={`Resume lane ${name}`} path={`/lanes/${name}/resume`} body={whyIn}>
      <p>Workers submit its payments again within two seconds.</p>
      <Why />
    </Action>
  );
}

function Limits({ lane }: { lane: Lane }): ReactNode {
  return (
    <Action
      name="Limits"
      title={`Limits of lane ${lane.name}`}
      method="PATCH"
      path={`/lanes/${lane.name}`}
      body={(form) => ({
        concurrency: numberIn(form, 'concurrency'),
        rate_per_second: numberIn(form, 'rate'),
        ...whyIn(form),
      })}
    >
      <p>
        For all workers together, within two seconds. Nothing in flight is ended. An empty field is
        no limit.
      </p>
      <label>
        Most submissions in flight
        <input
          name="concurrency"
          type="number"
          min={1}
          max={10_000}
          defaultValue={lane.concurrency ?? ''}
        />
      </label>
      <label>
        Most submissions that start in a second
        <input
          name="rate"
          type="number"
          min={1}
          max={10_000}
          defaultValue={lane.rate_per_second ?? ''}
        />
      </label>
      <Why />
    </Action>
  );
}

function numberIn(form: FormData, name: string): number | null {
  const text = textIn(form, name);
  return text === '' ? null : Number(text);
}
