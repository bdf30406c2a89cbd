// The pages that follow the overview: one in a real browser, the others as their requests alone.
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../../test/support/browser.js';
import { percentile, rounded } from '../figures.js';

const PATH = '/v1/ops/overview';
const RANGE = '15m';
/** As the page does. */
const READ_EVERY_MS = 15_000;
/** A frame takes 17 ms; one that takes longer than two left out another. */
const LATE_FRAME_MS = 34;

/** Counts in the page itself. Chromium reports a task of the main thread from 50 ms on. */
const OBSERVE = `
  window.seen = { tasks: [], frames: 0, late: 0, worst: 0 };
  new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask' });
  let last = performance.now();
  requestAnimationFrame(function frame(now) {
    seen.frames += 1;
    if (now - last > ${LATE_FRAME_MS}) seen.late += 1;
    seen.worst = Math.max(seen.worst, now - last);
    last = now;
    requestAnimationFrame(frame);
  });`;

interface Seen {
  readonly tasks: readonly number[];
  readonly frames: number;
  readonly late: number;
  readonly worst: number;
}

/** Follows the stream and reads the range until it is aborted. */
export function followByRequest(api: string, key: string) {
  const controller = new AbortController();
  const { signal } = controller;
  const headers = { authorization: `Bearer ${key}` };
  const [lateMs, bytes, readMs]: [number[], number[], number[]] = [[], [], []];
  const follow = async () => {
    const live = { accept: 'text/event-stream', ...headers };
    const response = await fetch(`${api}${PATH}/live`, { headers: live, signal });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const events = `${text}${chunk}`.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const [, at] = /^event: second\nid: (\d+)/.exec(event) ?? [];
        if (at === undefined) continue;
        lateMs.push(Date.now() - (Number(at) + 1) * 1_000);
        bytes.push(event.length + 2);
      }
    }
  };
  const read = async () => {
    for (;;) {
      const began = performance.now();
      const response = await fetch(`${api}${PATH}?range=${RANGE}`, { headers, signal });
      await response.text();
      if (!response.ok) throw new Error(`the overview got ${response.status}`);
      readMs.push(performance.now() - began);
      await pause(READ_EVERY_MS, undefined, { signal });
    }
  };
  const ended = Promise.all([follow(), read()]).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return {
    stop: async () => {
      controller.abort();
      await ended;
      return { lateMs, bytes, readMs };
    },
  };
}

/** Opens the page in Chromium. `stop` resolves with the figures since `measure`. */
export async function openPage(api: string, operatorKey: string) {
  const browser: Browser = await startBrowser();
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  await page.goto(`${api}/ops?range=${RANGE}`);
  await page.fill('#key', operatorKey);
  await page.keyboard.press('Enter');
  await page.locator('canvas').first().waitFor();
  const devtools = await page.context().newCDPSession(page);
  const heapMb = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    return (await devtools.send('Runtime.getHeapUsage')).usedSize / 1e6;
  };
  let before = 0;
  return {
    measure: async () => {
      before = await heapMb();
      await page.evaluate(OBSERVE);
    },
    stop: async () => {
      const { tasks, frames, late, worst } = (await page.evaluate('seen')) as Seen;
      const after = await heapMb();
      await browser.close();
      if (faults.length > 0) throw new Error(faults.join('\n'));
      return {
        long_tasks: tasks.length,
        longest_task_ms: rounded(Math.max(0, ...tasks), 0),
        frames,
        late_frames: late,
        longest_frame_ms: rounded(worst, 0),
        heap_mb_before: rounded(before),
        heap_mb_after: rounded(after),
      };
    },
  };
}

/** The figures of the pages that are requests alone. */
export function figuresOf(
  pages: readonly Awaited<ReturnType<ReturnType<typeof followByRequest>['stop']>>[],
) {
  const spread = (values: readonly number[]) => ({
    p50: rounded(percentile(values, 50), 0),
    p99: rounded(percentile(values, 99), 0),
    max: rounded(Math.max(...values), 0),
  });
  return {
    messages: pages.map(({ bytes }) => bytes.length),
    message_bytes: spread(pages.flatMap(({ bytes }) => bytes)),
    after_its_second_ms: spread(pages.flatMap(({ lateMs }) => lateMs)),
    range_read_ms: spread(pages.flatMap(({ readMs }) => readMs)),
  };
}
