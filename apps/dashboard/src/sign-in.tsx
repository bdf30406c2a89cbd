// The sign-in. The key is sent once; the browser then has a cookie.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { type OpsSession, post } from './api.js';
import { Failure, textIn } from './parts.js';
import style from './sign-in.module.css';

/** Returns the page of ours that the browser came from; never another site. */
function nextPage(): string | undefined {
  const next = new URLSearchParams(location.search).get('next');
  return next && /^\/ops\/[^/\\]/.test(next) ? next : undefined;
}

export function SignIn(): ReactNode {
  const client = useQueryClient();
  const signIn = useMutation({
    mutationFn: (key: string) => post<OpsSession>('/session', { key }),
    onSuccess: async () => {
      const next = nextPage();
      if (next !== undefined) return location.replace(next);
      if (location.pathname === '/ops/sign-in') history.replaceState(null, '', '/ops/');
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate(textIn(new FormData(event.currentTarget), 'key'));
  };
  return (
    <main className={style.signIn}>
      <h1>Quittance operations</h1>
      <form onSubmit={submit}>
        <label htmlFor="key">Your operator’s key, or an ops key</label>
        <input
          id="key"
          name="key"
          type="password"
          autoComplete="current-password"
          placeholder="qo_…"
          required
          spellCheck={false}
        />
        <button type="submit" disabled={signIn.isPending}>
          Sign in
        </button>
        {signIn.error && <Failure error={signIn.error} />}
      </form>
    </main>
  );
}
