import { PassThrough } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { linesOf } from './body-lines.js';

const WITHIN_MS = 60;

async function textsOf(body: PassThrough): Promise<string[]> {
  const texts: string[] = [];
  for await (const line of linesOf(body, WITHIN_MS)) texts.push(String(line));
  return texts;
}

it('yields lines as they end, and the last one at the end', async () => {
  const body = new PassThrough();
  const lines = linesOf(body, WITHIN_MS);
  body.write('a\nb');
  expect(String((await lines.next()).value)).toBe('a');
  body.end('c');
  expect(String((await lines.next()).value)).toBe('bc');
  expect((await lines.next()).done).toBe(true);
});

it('rejects when no line ends within the limit, however many bytes arrive', async () => {
  const body = new PassThrough();
  body.write('a\n');
  const drip = setInterval(() => body.write('x'), 5);
  await expect(textsOf(body)).rejects.toThrow(`not settled`);
  clearInterval(drip);
});

it('does not count the time in which no line is asked for', async () => {
  const body = new PassThrough();
  const lines = linesOf(body, WITHIN_MS);
  body.write('a\n');
  await lines.next();
  await pause(2 * WITHIN_MS);
  body.write('b\n');
  expect(String((await lines.next()).value)).toBe('b');
});

it('rejects when the stream fails', async () => {
  const body = new PassThrough();
  const texts = textsOf(body);
  body.destroy(new Error('the caller is gone'));
  await expect(texts).rejects.toThrow('the caller is gone');
});
