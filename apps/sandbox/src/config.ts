// The sandbox's settings. All have defaults, so that the sandbox runs on a machine without any
// configuration.
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
      'generation of the gateway to simulate: the reference page, the older or the newer server',
    default: 'doc',
  }),
  ledgerFile: optional(
    text('SANDBOX_LEDGER_FILE', {
      description: 'file that stores the ledger across restarts; without it, memory only',
    }),
  ),
  publicKeyLength: integer('SANDBOX_PUBLIC_KEY_LENGTH', {
    description:
      'length of the public key at the end of encrypted_data: 44 as issued, 43 without =',
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
