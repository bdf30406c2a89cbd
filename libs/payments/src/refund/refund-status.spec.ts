// Compares the table of transitions with the database's guard and with the page that draws it.
import { readFileSync } from 'node:fs';
import {
  mayRefundMove,
  publicRefundStatus,
  publicRefundStatuses,
  REFUND_STATUSES,
  refundStatuses,
  refundStatusFromWire,
  refundStatusToWire,
} from './refund.js';

const read = (path: string) =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const sql = read('prisma/migrations/20261128000000_initial/migration.sql');
const page = read('docs/payment-lifecycle.md');

const moves = (spell: (status: (typeof refundStatuses)[number]) => string) =>
  refundStatuses.flatMap((from) =>
    refundStatuses
      .filter((to) => mayRefundMove(from, to))
      .map((to) => `${spell(from)} → ${spell(to)}`),
  );

describe('the database', () => {
  it('allows exactly the transitions of the table', () => {
    const [, rows = ''] = /INSERT INTO refund_status_moves [^;]*VALUES([^;]*);/.exec(sql) ?? [];
    const allowed = [...rows.matchAll(/\('(\w+)',\s*'(\w+)'\)/g)];
    expect(allowed.map(([, from, to]) => `${from} → ${to}`).toSorted()).toEqual(
      moves(refundStatusToWire).toSorted(),
    );
  });

  it('knows exactly the statuses of the table, under their wire names', () => {
    const [, list = ''] = /CREATE TYPE refund_status AS ENUM \(([^)]*)\)/.exec(sql) ?? [];
    expect([...list.matchAll(/'(\w+)'/g)].map(([, name]) => name)).toEqual(
      refundStatuses.map(refundStatusToWire),
    );
  });
});

describe('docs/payment-lifecycle.md', () => {
  const [, section = ''] = page.split('\n## Refunds\n');

  it('draws exactly the transitions of the table', () => {
    const [, diagram = ''] = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(section) ?? [];
    const drawn = [...diagram.matchAll(/^ +(\w+) --> (\w+)(?:: .+)?$/gm)];
    expect(drawn.map(([, from, to]) => `${from} → ${to}`).toSorted()).toEqual(
      moves((status) => status).toSorted(),
    );
  });

  it('has the texts of the table, and the statuses that callers see', () => {
    const rows = [
      ...section
        .split('\n## ', 1)
        .join()
        .matchAll(/^\| `([a-zA-Z]+)` +\| `(\w+)` +\| (.+?) +\|$/gm),
    ];
    expect(rows.map(([, status, seen, meaning]) => [status, seen, meaning])).toEqual(
      refundStatuses.map((status) => [
        status,
        publicRefundStatus(status),
        REFUND_STATUSES[status].meaning,
      ]),
    );
  });
});

describe('a status', () => {
  it.each(refundStatuses)(
    '%s survives a round trip to the wire, and has a public name',
    (status) => {
      expect(refundStatusFromWire(refundStatusToWire(status))).toBe(status);
      expect(publicRefundStatuses).toContain(publicRefundStatus(status));
    },
  );

  it('is not any similar text', () => {
    expect(refundStatusFromWire('inDoubt')).toBeUndefined();
    expect(refundStatusFromWire('pending')).toBeUndefined();
  });
});
