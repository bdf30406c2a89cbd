import { parseUrl } from './parse-url.js';

it.each([
  ['https://münchen.example/ü?q=ü', 'https://xn--mnchen-3ya.example/%C3%BC?q=%C3%BC'],
  ['HTTPS://Shop.Example:443/a/../b', 'https://shop.example/b'],
  ['/return', undefined],
  ['', undefined],
  ['https://', undefined],
])('%j is parsed as %j', (text, href) => expect(parseUrl(text)?.href).toBe(href));

it('an address with other than ASCII letters is one however often it is parsed', () => {
  // The optimizing compiler takes over after some thousand calls.
  const parsed = Array.from({ length: 50_000 }, () => parseUrl('https://münchen.example/ü'));
  expect(parsed.filter((url) => url === undefined)).toHaveLength(0);
});
