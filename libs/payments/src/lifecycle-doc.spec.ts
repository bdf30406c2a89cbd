// Compares docs/payment-lifecycle.md with the code, because a page that has drifted is worse than
// none.
import { readFileSync } from 'node:fs';
import { paymentFlags } from './payment.js';
import {
  adviceFor,
  doubtReasons,
  failureAdvices,
  failureCodes,
  refundDoubtReasons,
  refundFailureCodes,
} from './reasons.js';
import { PAYMENT_STATUSES, paymentStatuses } from './status.js';

const page = new URL('../../../docs/payment-lifecycle.md', import.meta.url);
const text = readFileSync(page, 'utf8');

/** Returns the cells of the first table under `heading`, without its head. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const lines = section.split('\n## ', 1).join().split('\n');
  return lines
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

describe('the diagram', () => {
  const diagram = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  const arrows = [...diagram.matchAll(/^ +(\w+) --> (\w+)(?:: .+)?$/gm)].map(
    ([, from = '', to = '']) => ({ from, to }),
  );
  const diamonds = [...diagram.matchAll(/^ +state (\w+) <<choice>>$/gm)].map(([, name]) => name);

  /** Returns the statuses that an arrow to `target` leads to, through any number of diamonds. */
  function reach(target: string): readonly string[] {
    if (!diamonds.includes(target)) return [target];
    return arrows.filter(({ from }) => from === target).flatMap(({ to }) => reach(to));
  }

  it('contains only diamonds, arrows and the start', () => {
    const lines = diagram.split('\n').filter((line) => line.trim() !== '');
    expect(lines).toHaveLength(arrows.length + diamonds.length + 1);
    expect(lines).toContain('    [*] --> queued');
  });

  it('shows exactly the transitions of the table, each once', () => {
    const drawn = arrows
      .filter(({ from }) => !diamonds.includes(from))
      .flatMap(({ from, to }) => reach(to).map((end) => `${from} --> ${end}`));
    const expected = paymentStatuses.flatMap((from) =>
      PAYMENT_STATUSES[from].next.map((to) => `${from} --> ${to}`),
    );
    expect(drawn.toSorted()).toEqual(expected.toSorted());
  });
});

describe('the list of statuses', () => {
  it('has the texts of the table', () => {
    const expected = paymentStatuses.map((status) => [
      `\`${status}\``,
      PAYMENT_STATUSES[status].meaning,
    ]);
    expect(tableUnder('Statuses')).toEqual(expected);
  });
});

describe('the closed lists', () => {
  const section = (heading: string) =>
    text.split(`\n## ${heading}\n`)[1]?.split('\n## ', 1)[0] ?? '';
  const namedIn = (shown: string) =>
    new Set([...shown.matchAll(/`([a-z\d_]+)`/g)].map(([, name = '']) => name));

  it('of doubt reasons is complete', () => {
    const named = namedIn(section('Doubt reasons'));
    for (const reason of [...doubtReasons, ...refundDoubtReasons]) expect(named).toContain(reason);
  });

  it('of failure codes and flags are complete', () => {
    const named = namedIn(section('Failure codes'));
    const codes = [...failureCodes, ...refundFailureCodes, ...paymentFlags];
    for (const code of codes) expect(named).toContain(code);
  });

  it.each([...failureAdvices])('lists the codes with the advice %s', (advice) => {
    const row = new RegExp(String.raw`^\| \x60${advice}\x60 .*$`, 'm').exec(text)?.[0] ?? '';
    const codes = failureCodes.filter((code) => adviceFor(code) === advice);
    expect([...namedIn(row)].filter((name) => name !== advice).toSorted()).toEqual(
      codes.toSorted(),
    );
  });
});
