// Puts the kill matrix's results into docs/reliability.md, between two marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../tools/place.mjs';

const FILE = join(root, 'docs', 'reliability.md');
const SECTION = /(<!-- kill matrix -->\n)[^]*?(\n<!-- end -->)/;

export function writeKillTable(table) {
  const document = readFileSync(FILE, 'utf8');
  if (!SECTION.test(document))
    throw new Error('docs/reliability.md has no place for the kill matrix');
  writeFileSync(
    FILE,
    document.replace(SECTION, (_, start, end) => `${start}\n${table}\n${end}`),
  );
}
