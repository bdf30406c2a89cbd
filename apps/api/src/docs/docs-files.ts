// The files of the documentation page: Swagger UI from its package, and our own. The page loads
// nothing from other hosts.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const page = fileURLToPath(new URL('page', import.meta.url));

/** The path of each file, by its name on the page. */
export const docsFiles: ReadonlyMap<string, string> = new Map(
  [
    join(page, 'index.html'),
    join(page, 'docs.css'),
    join(page, 'docs.js'),
    join(page, 'favicon.svg'),
    join(swaggerUi, 'swagger-ui.css'),
    join(swaggerUi, 'swagger-ui-bundle.js'),
  ].map((path) => [path.slice(dirname(path).length + 1), path]),
);
