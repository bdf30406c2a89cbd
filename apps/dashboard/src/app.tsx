// The frame of the page: sign-in, navigation, and the view of the address.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { Link, Route, Switch, useLocation } from 'wouter';
import { ApiError, get, type OpsSession, signOut } from './api.js';
import { AuditView } from './audit-view.js';
import { DoubtsView } from './doubts-view.js';
import { EventsView } from './events-view.js';
import { Home } from './home.js';
import { LanesView } from './lanes-view.js';
import { PaymentView } from './payment-view.js';
import { SignIn } from './sign-in.js';
import { Failure } from './parts.js';
import { NoticeContext, SessionContext } from './session.js';
import parts from './parts.module.css';
import style from './app.module.css';

const PAGES = [
  ['/', 'Overview'],
  ['/doubts', 'In doubt'],
  ['/lanes', 'Lanes'],
  ['/events', 'Events'],
  ['/audit', 'Audit'],
] as const;

export function App(): ReactNode {
  const [notice, setNotice] = useState('');
  const [address] = useLocation();
  // A notice is about the view of its action.
  useEffect(() => setNotice(''), [address]);
  const { data, error, isPending } = useQuery({
    queryKey: ['session'],
    queryFn: () => get<OpsSession>('/session'),
    refetchInterval: 60_000,
  });
  if (error instanceof ApiError && error.status === 401) return <SignIn />;
  if (isPending) return <p className={parts.loading}>Loading…</p>;
  if (!data) return <Failure error={error} />;
  const leave = async () => {
    await signOut();
    // Nothing that was shown stays in memory.
    location.assign('/ops');
  };
  return (
    <SessionContext value={data}>
      <a className={style.skip} href="#main">
        Skip to content
      </a>
      <header className={style.bar}>
        <strong>Quittance</strong>
        <nav aria-label="Pages">
          {PAGES.map(([path, name]) => (
            <NavLink key={path} path={path} name={name} />
          ))}
          <a href="/ops/queues">Queues</a>
        </nav>
        <span className={style.who}>
          {data.operator}
          {data.rights === 'read' && <small> (read only)</small>}
          <button type="button" className={parts.quiet} onClick={() => void leave()}>
            Sign out
          </button>
        </span>
      </header>
      <main id="main">
        <p role="status" className={style.notice}>
          {notice}
        </p>
        <NoticeContext value={setNotice}>
          <Switch>
            <Route path="/" component={Home} />
            <Route path="/sign-in" component={Home} />
            <Route path="/doubts" component={DoubtsView} />
            <Route path="/lanes" component={LanesView} />
            <Route path="/events" component={EventsView} />
            <Route path="/audit" component={AuditView} />
            <Route path="/payments/:id">{({ id }) => <PaymentView id={id} />}</Route>
            <Route>
              <h1>There is no such page</h1>
            </Route>
          </Switch>
        </NoticeContext>
      </main>
    </SessionContext>
  );
}

function NavLink({ path, name }: { path: string; name: string }): ReactNode {
  const [at] = useLocation();
  const isHere = path === '/' ? at === '/' : at.startsWith(path);
  return (
    <Link href={path} {...(isHere && { 'aria-current': 'page' as const })}>
      {name}
    </Link>
  );
}
