// Failed jobs by queue and reason, and the retry or discard of all that were counted.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useSearch } from 'wouter';
import { type FailedJobs, get, type QueueList } from './api.js';
import { Action, Failure, Table, When, Why, whyIn } from './parts.js';
import { useMayAct } from './session.js';
import parts from './parts.module.css';
import style from './failed-jobs.module.css';

/** As slow as the queue board: nothing here changes by the second. */
const EVERY_MS = 10_000;
const SHOWN = 20;
const EVENTS = /^events-/;
/** Their publishers read the refusals. */
const PUBLISHED = 'payment-intents';

export function FailedJobsSection(): ReactNode {
  const chosen = new URLSearchParams(useSearch()).get('queue');
  const { data, error } = useQuery({
    queryKey: ['queues'],
    queryFn: () => get<QueueList>('/queues'),
    refetchInterval: EVERY_MS,
  });
  const failed = (data?.data ?? []).filter((queue) => queue.failed > 0);
  return (
    <section aria-labelledby="failed">
      <h1 id="failed">Failed jobs</h1>
      <p>
        A failed job is a symptom, not a loss: Postgres knows what is due. The{' '}
        <a href="/ops/queues">queue board</a> shows single jobs.
      </p>
      {error && <Failure error={error} />}
      {data?.data === null && <p role="status">Redis is unavailable.</p>}
      {data?.data && failed.length === 0 && <p role="status">No job has failed.</p>}
      {failed.length > 0 && (
        <nav className={parts.tabs} aria-label="Queues with failed jobs">
          {failed.map(({ name, failed: count }) => (
            <Link
              key={name}
              href={address(name)}
              {...(name === chosen && { 'aria-current': 'true' as const })}
            >
              {name} {count}
            </Link>
          ))}
        </nav>
      )}
      {chosen !== null && <Queue name={chosen} />}
    </section>
  );
}

function address(queue: string, reason?: string): string {
  return `/lanes?${new URLSearchParams({ queue, ...(reason !== undefined && { reason }) })}`;
}

function Queue({ name }: { name: string }): ReactNode {
  const reason = new URLSearchParams(useSearch()).get('reason') ?? undefined;
  const mayAct = useMayAct();
  const filter = new URLSearchParams({
    limit: String(SHOWN),
    ...(reason !== undefined && { reason }),
  });
  const { data, error, isPending } = useQuery({
    queryKey: ['failed-jobs', name, reason],
    queryFn: () => get<FailedJobs>(`/queues/${encodeURIComponent(name)}/failed?${filter}`),
    refetchInterval: EVERY_MS,
  });
  if (error) return <Failure error={error} />;
  if (isPending) return <p className={parts.loading}>Loading…</p>;
  return (
    <>
      <h2>{name}, by reason</h2>
      <ul className={style.reasons}>
        <li>
          <Reason queue={name} count={data.total} isChosen={reason === undefined} />
        </li>
        {data.reasons.map((one) => (
          <li key={one.reason}>
            <Reason
              queue={name}
              reason={one.reason}
              count={one.count}
              isChosen={one.reason === reason}
            />
          </li>
        ))}
      </ul>
      {data.matches === 0 && <p role="status">No failed job matches any more.</p>}
      {mayAct && name === PUBLISHED && (
        <p>Their publishers read the refusal and publish again. Nothing is to be done here.</p>
      )}
      {mayAct && name !== PUBLISHED && data.until !== null && (
        <p className={parts.actions}>
          <Change queue={name} reason={reason} found={data} change="retry" />
          <Change queue={name} reason={reason} found={data} change="discard" />
        </p>
      )}
      {data.data.length > 0 && <Jobs found={data} />}
    </>
  );
}

function Reason(props: {
  readonly queue: string;
  readonly reason?: string;
  readonly count: number;
  readonly isChosen: boolean;
}): ReactNode {
  const { queue, reason, count, isChosen } = props;
  return (
    <Link href={address(queue, reason)} {...(isChosen && { 'aria-current': 'true' as const })}>
      {reason ?? 'Every reason'} ({count})
    </Link>
  );
}

const NAMES = { retry: 'Retry', discard: 'Discard' };

function Change(props: {
  readonly queue: string;
  readonly reason: string | undefined;
  readonly found: FailedJobs;
  readonly change: 'retry' | 'discard';
}): ReactNode {
  const { queue, reason, found, change } = props;
  const { matches: count, until } = found;
  const jobs = count === 1 ? '1 job' : `${count} jobs`;
  return (
    <Action
      name={`${NAMES[change]} all ${count}`}
      title={`${NAMES[change]} ${jobs} of ${queue}`}
      path={`/queues/${encodeURIComponent(queue)}/failed/${change}`}
      body={(form) => ({ reason, count, until, ...whyIn(form) })}
    >
      <p>
        {reason === undefined ? 'Of every reason' : `Of the reason “${reason}”`}, up to the newest
        of {until}. Jobs that fail later are not concerned.
      </p>
      <p>{consequence(queue, change)}</p>
      <Why />
    </Action>
  );
}

function consequence(queue: string, change: 'retry' | 'discard'): string {
  const isEvents = EVENTS.test(queue);
  if (change === 'retry') {
    return isEvents
      ? 'They return to the subscriber, which ignores events that it has processed.'
      : 'They return to the queue with all their attempts. Nothing is sent twice: Postgres decides what is due.';
  }
  return isEvents
    ? 'The subscriber does not get these events until a replay of their time. They stay in Postgres.'
    : 'They are removed for good. Their steps come due again by themselves.';
}

function Jobs({ found }: { found: FailedJobs }): ReactNode {
  const caption = `The oldest ${found.data.length} of ${found.matches}`;
  return (
    <>
      <h2>{caption}</h2>
      <Table caption={caption} columns={['Failed', 'Job', 'Attempts', 'Reason', 'About']}>
        {found.data.map((job) => (
          <tr key={`${job.id} ${job.failed_at}`}>
            <td>
              <When at={job.failed_at} />
            </td>
            <th scope="row">{job.name ?? 'a published payment'}</th>
            <td className={parts.number}>{job.attempts}</td>
            <td className={parts.wide}>{job.reason}</td>
            <td className={parts.wide}>
              {job.subjects.map((subject) => (
                <Subject key={subject} id={subject} />
              ))}
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function Subject({ id }: { id: string }): ReactNode {
  const href = id.startsWith('pi_') ? `/payments/${id}` : `/?q=${id}`;
  return (
    <>
      <Link href={href}>
        <code>{id}</code>
      </Link>{' '}
    </>
  );
}
