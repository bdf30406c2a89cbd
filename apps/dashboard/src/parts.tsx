// Small parts that several views share.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useContext, useRef } from 'react';
import { send } from './api.js';
import { NoticeContext } from './session.js';
import parts from './parts.module.css';

export function Failure({ error }: { error: Error | null }): ReactNode {
  return (
    <p className={parts.failure} role="alert">
      {error?.message ?? 'Something went wrong.'}
    </p>
  );
}

/** An instant: its distance for people, the exact time as its title. */
export function When({ at }: { at: string | null | undefined }): ReactNode {
  if (!at) return <span className={parts.faint}>none</span>;
  const seconds = (Date.now() - new Date(at).getTime()) / 1000;
  const distance = span(Math.abs(seconds));
  return (
    <time dateTime={at} title={at}>
      {seconds >= 0 ? `${distance} ago` : `in ${distance}`}
    </time>
  );
}

export function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

const GRADE_OF: Readonly<Record<string, string>> = {
  succeeded: 'good',
  refunded: 'good',
  partially_refunded: 'good',
  in_doubt: 'attention',
  declined: 'bad',
  blocked: 'bad',
  failed: 'bad',
  charged_back: 'bad',
  disputed: 'attention',
};

export function Status({ status }: { status: string }): ReactNode {
  return (
    <span className={parts.status} data-grade={GRADE_OF[status] ?? 'plain'}>
      {status.replaceAll('_', ' ')}
    </span>
  );
}

/** A table that a narrow screen scrolls, by keyboard too. */
export function Table(props: {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}): ReactNode {
  const { caption, columns, children } = props;
  return (
    <div className={parts.scroll} role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption className={parts.hidden}>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** A button that opens a dialog, which takes the action. */
export function Action(props: {
  readonly name: string;
  readonly title: string;
  readonly method?: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: (form: FormData) => unknown;
  readonly children?: ReactNode;
}): ReactNode {
  const { name, title, method = 'POST', path, body, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const client = useQueryClient();
  const tell = useContext(NoticeContext);
  const close = () => dialog.current?.close();
  const action = useMutation({
    mutationFn: (form: FormData) => send<{ done: string }>(method, path, body(form)),
    onSuccess: ({ done }) => {
      close();
      tell(done);
      return client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    action.mutate(new FormData(event.currentTarget));
  };
  const open = () => {
    action.reset();
    tell('');
    dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" onClick={open}>
        {name}
      </button>
      <dialog ref={dialog} aria-label={title}>
        <form onSubmit={submit}>
          <h2>{title}</h2>
          {children}
          {action.error && <Failure error={action.error} />}
          <p className={parts.buttons}>
            <button type="submit" className={parts.main} disabled={action.isPending}>
              {name}
            </button>
            <button type="button" onClick={close}>
              Cancel
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}

/** The reason of an action, which the audit stores. */
export function Why(): ReactNode {
  return (
    <label>
      Why (stored in the audit, no card data)
      <input name="why" maxLength={1_000} />
    </label>
  );
}

/** The text of a field; empty without one. */
export function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

export const whyIn = (form: FormData): { why?: string } => {
  const why = textIn(form, 'why');
  return why === '' ? {} : { why };
};
