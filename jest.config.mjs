const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: '<rootDir>/test/jest-environment.mjs',
  // Options: .swcrc, which `nest build` reads too, so that tests run the code that ships.
  transform: { '\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    '^@quittance/client$': '<rootDir>/packages/client/src/index.ts',
    '^@quittance/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};

/**
 * Three lanes: unit talks to nothing, int to real Postgres, Redis and sockets, e2e to running
 * processes.
 */
export default {
  // `it.concurrent` is for scenarios that mostly wait; more than five wait no longer than one.
  maxConcurrency: 16,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs,tools,bench,test}/**/*.spec.ts'],
    },
    {
      ...shared,
      displayName: 'int',
      testMatch: ['<rootDir>/{apps,libs,test}/**/*.int-spec.ts'],
    },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'] },
  ],
};
