// The sandbox's settings. All have defaults: it must run on a machine where nothing was configured.
import {
  type ConfigOf,
  defineConfig,
  httpSection,
  integer,
  oneOf,
  optional,
  settings,
  text,
} from '@quittance/platform';
import { generationNames } from './generation/generation.js';

export class SandboxSettings extends settings({
  generation: oneOf('SANDBOX_GENERATION', generationNames, {
    description:
      'whose behaviour the sandbox shows: the reference page, the older or the newer server',
    default: 'b',
  }),
  ledgerFile: optional(
    text('SANDBOX_LEDGER_FILE', {
      description:
        'file the ledger is kept in, so that it survives a restart; without it, memory only',
    }),
  ),
  publicKeyLength: integer('SANDBOX_PUBLIC_KEY_LENGTH', {
    description:
      'how many last characters of encrypted_data are the public key: 44 as issued, 43 without =',
    unit: 'characters',
    min: 1,
    max: 512,
    default: 44,
  }),
}) {}

export const sandboxConfig = defineConfig({
  http: httpSection('SANDBOX_PORT', { description: 'port of the sandbox gateway', default: 9003 }),
  sandbox: SandboxSettings,
});

export type SandboxConfig = ConfigOf<(typeof sandboxConfig)['shape']>;
