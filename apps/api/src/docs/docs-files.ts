// The files of the documentation page: Swagger UI from its package, and our own three. Nothing is fetched from
// anywhere else. Read once, when first asked for, and kept compressed: they are two megabytes of text.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file as it is sent. */
export interface DocsFile {
  readonly contentType: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const page = fileURLToPath(new URL('page', import.meta.url));

const FILES: ReadonlyMap<string, readonly [folder: string, contentType: string]> = new Map([
  ['index.html', [page, 'text/html; charset=utf-8']],
  ['docs.css', [page, 'text/css; charset=utf-8']],
  ['docs.js', [page, 'text/javascript; charset=utf-8']],
  ['favicon.svg', [page, 'image/svg+xml']],
  ['swagger-ui.css', [swaggerUi, 'text/css; charset=utf-8']],
  ['swagger-ui-bundle.js', [swaggerUi, 'text/javascript; charset=utf-8']],
]);

const loaded = new Map<string, Promise<DocsFile>>();

/** `undefined` for a name that is none of the page's files. */
export function docsFile(name: string): Promise<DocsFile> | undefined {
  const known = FILES.get(name);
  if (!known) return undefined;
  const [folder, contentType] = known;
  const file = loaded.get(name) ?? load(join(folder, name), contentType);
  loaded.set(name, file);
  return file;
}

async function load(path: string, contentType: string): Promise<DocsFile> {
  const plain = await readFile(path);
  return { contentType, plain, gzipped: await promisify(gzip)(plain) };
}
