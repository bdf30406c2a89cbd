// Goal: a shell completes commands, options and choices. Method: bash runs the printed script.
import { execFileSync } from 'node:child_process';
import { createProgram } from '../program.js';

/** Returns the script for a shell. */
function scriptFor(shell: string): string {
  let printed = '';
  const host = {
    env: {},
    version: '1.2.3',
    stdin: () => Promise.resolve(''),
    print: (text: string) => void (printed += text),
    remark: (text: string) => void (printed += text),
  };
  createProgram(host).parse(['completion', shell], { from: 'user' });
  return printed;
}

/** Returns the words that bash offers for the last of `words`. */
function offered(...words: string[]): string[] {
  const line = ['quittance', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _quittance; echo "\${COMPREPLY[@]}"`;
  const script = `${scriptFor('bash')}\n${ask}`;
  return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' }).trim().split(/\s+/);
}

describe('bash', () => {
  it.each([
    [['mer'], ['merchants']],
    [['keys', ''], expect.arrayContaining(['create', 'list', 'revoke', 'rotate', 'destroy'])],
    [['terminals', 'add', '--prot'], ['--protocol']],
    [
      ['terminals', 'add', '--mode', ''],
      ['test', 'live'],
    ],
    [['terminals', 'add', '--mode', 'test', '--cal'], ['--callbacks']],
    [['terminals', 'add', '--name', 'list', '--lan'], ['--lane']],
    [['keys', 'create', '--merchant', 'keys', '--ex'], ['--expires']],
    [['payments', 'list', '--li'], ['--limit']],
    [['completion', ''], expect.arrayContaining(['bash', 'zsh'])],
    [
      ['refunds', 'resolve', 'RF-1', '--as', ''],
      ['accepted', 'failed'],
    ],
    [['resolve', 'merchants', '--evi'], ['--evidence']],
  ])('completes %j', (words, expected) => expect(offered(...words)).toEqual(expected));
});

it('runs the same functions in zsh', () => {
  expect(scriptFor('zsh')).toMatch(/^autoload .*bashcompinit$/m);
  expect(scriptFor('zsh').endsWith(scriptFor('bash'))).toBe(true);
});
