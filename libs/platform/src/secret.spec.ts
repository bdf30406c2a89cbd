import { inspect } from 'node:util';
import { Secret } from './secret.js';

describe('a secret', () => {
  const secret = new Secret('hunter2');

  it.each([
    ['concatenation', () => 'key ' + String(secret)],
    ['JSON', () => JSON.stringify({ secret })],
    ['console.log and util.inspect', () => inspect({ secret }, { showHidden: true, depth: 9 })],
    ['its keys', () => Object.values(secret).join()],
  ])('is hidden in %s', (_, print) => {
    expect(print()).not.toContain('hunter2');
  });

  it('is shown only by reveal()', () => {
    expect(secret.reveal()).toBe('hunter2');
  });
});
