// The screenshots of the documents. `npm run screenshots` takes them from the incidents that
// test/incidents.e2e-spec.ts plays; without `SCREENSHOTS` a test leaves the files alone.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../../tools/place.mjs';

const FOLDER = join(root, 'docs/screenshots');
/** A width at which the text is readable in a document. */
const SIZE = { width: 960, height: 620 };
const BYTES_MAX = 150_000;

/** Saves what the page shows as `docs/screenshots/<name>.png`. */
export async function saveScreenshot(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] !== 'true') return;
  const before = page.viewportSize();
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${name}.png`);
  await page.setViewportSize(SIZE);
  await page.screenshot({ path, animations: 'disabled' });
  if (before) await page.setViewportSize(before);
  const { size } = statSync(path);
  if (size > BYTES_MAX) throw new Error(`${name}.png has ${size} bytes; show less`);
}
