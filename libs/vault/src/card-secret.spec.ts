// Goal: printing cannot expose a card number. Method: every way to print a value, with any digits.
import { createLogger } from '@quittance/platform';
import fc from 'fast-check';
import { format, inspect } from 'node:util';
import { CardSecret } from './card-secret.js';

const digits = fc.stringMatching(/^\d{12,19}$/);

function printedByError(secret: CardSecret): string {
  const error = new Error(`refused ${String(secret)}`, { cause: secret });
  Object.assign(error, { secret });
  return `${error.stack} ${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
}

function printedByPino(secret: CardSecret): string {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ name: 'test', destination });
  log.info({ secret, deep: { secret, list: [secret] } }, `card ${String(secret)}`);
  log.error({ err: new Error(String(secret), { cause: secret }) }, 'failed');
  return lines.join('');
}

describe('a card secret', () => {
  it.each<[string, (secret: CardSecret) => unknown]>([
    ['String()', String],
    ['toString', (secret) => secret.toString()],
    ['concatenation', (secret) => ['card', secret].join(' ')],
    ['JSON', (secret) => JSON.stringify({ secret, list: [secret] })],
    [
      'util.inspect, however deep',
      (s) => inspect({ s }, { depth: 9, showHidden: true, getters: true }),
    ],
    ['util.format', (secret) => format('%s %o %O %j', secret, secret, secret, secret)],
    ['an error', printedByError],
    ['a log line', printedByPino],
    [
      'its keys',
      (secret) => JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(secret))),
    ],
    ['a copy', (secret) => inspect(Object.assign({}, secret)) + inspect(structuredClone(secret))],
  ])('does not show in %s', (_, print) => {
    fc.assert(
      fc.property(digits, (text) =>
        expect(String(print(new CardSecret(text)))).not.toContain(text),
      ),
    );
  });

  it('reveals its text through cardInClear', () => {
    expect(new CardSecret('4012000033330026').cardInClear()).toBe('4012000033330026');
  });
});
