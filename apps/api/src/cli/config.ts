// What the operator's CLI is told by its environment. It needs the database; keys only where it seals a secret.
import { postgresSection } from '@quittance/persistence';
import {
  type ConfigOf,
  defineConfig,
  optional,
  secretDocument,
  secretText,
} from '@quittance/platform';
import { parseKeySet } from '@quittance/vault';

export const cliConfig = defineConfig({
  postgres: { databaseUrl: postgresSection.databaseUrl },
  keys: {
    keySet: optional(
      secretDocument('QUITTANCE_KEYSET', {
        description:
          "the operator's key set, to seal terminal keys: a file path, or the JSON itself",
        parse: parseKeySet,
      }),
    ),
  },
  terminals: {
    privateKey: optional(
      secretText('TERMINAL_PRIVATE_KEY', {
        description:
          'the private key for `terminals add`, where it must not be in the process list',
      }),
    ),
  },
});

export type CliConfig = ConfigOf<(typeof cliConfig)['shape']>;
