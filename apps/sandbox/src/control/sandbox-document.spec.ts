// Goal: docs/sandbox.md names every fault, refusal, test card and path of the sandbox, and no
// other.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testCards } from '@quittance/gateway-protocol';
import { testOutcome } from '../creation/card.js';
import { PUBLISHED_TERMINAL } from '../transactions/published-terminal.js';
import { faultNames, refusals } from './control.schema.js';

const root = join(import.meta.dirname, '../../../..');
const text = readFileSync(join(root, 'docs/sandbox.md'), 'utf8');

/** The cells of the tables of a section, without their heads. */
function rowsOf(heading: string): string[][] {
  const [, after = ''] = text.split(`\n## ${heading}\n`);
  const lines = (after.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const codesIn = (cell = ''): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

const firstCells = (heading: string): string[] =>
  rowsOf(heading).flatMap(([first]) => codesIn(first));

it('the faults and refusals are those of the code', () => {
  expect(firstCells('Faults').toSorted()).toEqual([...faultNames, ...refusals].toSorted());
});

it('the test cards are those of the code, with their networks and outcomes', () => {
  const documented = rowsOf('Cards')
    .filter(([number = '']) => /^\d{14,16}$/.test(number))
    .map(([number, network = '', outcome = '']) => [
      number,
      network.toLowerCase(),
      Number(/\d+/.exec(outcome)?.[0]),
    ]);
  expect(documented).toEqual(
    testCards.map(({ number, network }) => [number, network, testOutcome(number)]),
  );
});

it('the terminal is the one that the sandbox starts with', () => {
  const { number, publicKey, privateKey, merchant } = PUBLISHED_TERMINAL;
  const row = rowsOf('The published pages').find(([first]) => first === number) ?? [];
  expect(row.flatMap(codesIn)).toEqual([publicKey, privateKey, merchant]);
});

it('the paths are those of the controller', () => {
  const controller = readFileSync(join(import.meta.dirname, 'control.controller.ts'), 'utf8');
  const routes = [...controller.matchAll(/@(Get|Post|Put|Delete)\((?:'(\w+)')?\)/g)].map(
    ([, method = '', path]) =>
      `${method.toUpperCase()} /sandbox${path === undefined ? '' : `/${path}`}`,
  );
  const documented = firstCells('Paths that script it').reduce<string[]>((all, code) => {
    const path = all.at(-1)?.split(' ')[1];
    return [...all, code.includes(' ') ? code : `${code} ${path}`];
  }, []);
  expect(documented.toSorted()).toEqual(routes.toSorted());
});
