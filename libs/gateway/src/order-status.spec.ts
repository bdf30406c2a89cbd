// Goal: the gateway's codes have the meanings that docs/payment-lifecycle.md lists, and no other
// code has one. Method: each row of the page's table goes through the table of codes and that of
// states.
import { readFileSync } from 'node:fs';
import { meaningOfState, type Payment } from '@quittance/payments';
import { stateOfCode } from './order-status.js';

type Facts = Pick<Payment, 'mode' | 'authUrl' | 'refundedMinor' | 'amountMinor'>;

const page = new URL('../../../docs/payment-lifecycle.md', import.meta.url);
const text = readFileSync(page, 'utf8');

/** Returns the cells of the first table under `heading`, without its header. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const lines = section.split('\n## ', 1).join().split('\n');
  return lines
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

const wordsIn = (cell = '') => [...cell.matchAll(/`(\w+)`/g)].map(([, word = '']) => word);

const NOTHING_KNOWN: Facts = {
  mode: 'live',
  authUrl: null,
  refundedMinor: 0n,
  amountMinor: 1111n,
};

const CONDITIONS: Readonly<Record<string, Partial<Facts>>> = {
  '': {},
  'authurl known': { authUrl: 'https://gateway.example/api/authurl/1' },
  'no authurl': {},
  'no refund of ours': {},
  'whole amount refunded by us': { refundedMinor: 1111n },
  'a part refunded by us': { refundedMinor: 1n },
  'test terminal': { mode: 'test' },
  'test terminal, authurl known': {
    mode: 'test',
    authUrl: 'https://gateway.example/api/authurl/1',
  },
  'test terminal, no authurl': { mode: 'test' },
};

describe('the list of codes', () => {
  const rows = tableUnder('Gateway codes');

  it.each(rows)('%s (%s) means %s', (codes, condition, status) => {
    const facts = CONDITIONS[condition ?? ''];
    expect(facts).toBeDefined();
    for (const code of wordsIn(codes)) {
      const meaning = meaningOfState(stateOfCode(code), { ...NOTHING_KNOWN, ...facts });
      expect(meaning).toEqual({ status: wordsIn(status)[0] });
    }
  });

  it('contains every code with a meaning', () => {
    const listed = new Set(rows.flatMap(([codes]) => wordsIn(codes)));
    const known = Array.from({ length: 100 }, (_, code) => String(code)).filter(
      (code) =>
        'status' in meaningOfState(stateOfCode(code), { ...NOTHING_KNOWN, mode: 'test' as const }),
    );
    expect([...listed].toSorted()).toEqual(known.toSorted());
  });
});
