// One set of compiler options for the build and for Jest, so that tests run the code that ships.
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Options for `@swc/core`: native ES modules, Nest's decorators, and `@quittance/<lib>` resolved to relative paths.
 * @type {import('@swc/core').Options}
 */
export const swcOptions = {
  swcrc: false,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
    baseUrl: root,
    paths: { '@quittance/*': ['libs/*/src/index.ts'] },
  },
  module: { type: 'es6', resolveFully: true },
  sourceMaps: true,
};
