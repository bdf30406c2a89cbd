// `terminals set --drop-in`: whether a terminal accepts requests in the gateway's form, from where,
// and the origins that get its callbacks (docs/switching.md).
import { act, OperatorError } from '@quittance/operations';
import { isUniqueViolation } from '@quittance/persistence';
import { isAddressRange, isPublicAddress, parseUrl } from '@quittance/platform';
import { sealedKids, sealSecret } from '@quittance/vault';
import { type Command, Option } from 'commander';
import { isIP } from 'node:net';
import type { Operator } from '../command/operator.js';
import { holdKey } from '../key-rotation/rotation-lock.js';
import { privateKeyOf } from './private-key.js';

/** The requests that a terminal accepts in the gateway's form. */
const FORMS = ['encrypted', 'plain', 'both', 'off'] as const;

/** The options as commander parses them; a missing list is empty. */
export interface DropInOptions {
  readonly dropIn?: (typeof FORMS)[number];
  readonly callers?: readonly string[];
  readonly callbacksTo?: readonly string[];
  readonly privateKey?: string;
}

/** Declares the options of `terminals set` about requests in the gateway's form. */
export function declareDropIn(command: Command): Command {
  return command
    .addOption(
      new Option('--drop-in <form>', 'requests in the gateway’s form to accept').choices(FORMS),
    )
    .option(
      '--callers <networks>',
      'with --drop-in: networks that may call, e.g. 192.0.2.0/24',
      list,
    )
    .option(
      '--callbacks-to <origins>',
      'with --drop-in: origins that callbacks are forwarded to, e.g. https://shop.example',
      list,
    )
    .option(
      '--private-key <key>',
      'with --drop-in encrypted or both: as the gateway issued it; "-" reads stdin, and the default is TERMINAL_PRIVATE_KEY',
    );
}

function list(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim());
}

/** True when an option about requests in the gateway's form is given. */
export function concernsDropIn(options: DropInOptions): boolean {
  const { dropIn, callers, callbacksTo, privateKey } = options;
  return [dropIn, callers, callbacksTo, privateKey].some((option) => option !== undefined);
}

/** Replaces everything that was set before. */
export async function setDropIn(
  operator: Operator,
  terminalId: string,
  options: DropInOptions,
): Promise<void> {
  const { dropIn } = options;
  const terminal = await operator.prisma.terminal.findUniqueOrThrow({
    where: { id: terminalId },
    select: { publicKey: true, mode: true, name: true },
  });
  const problems = problemsOf(options, terminal);
  if (problems.length > 0) throw new OperatorError(problems.join('\n'));
  const isSealed = dropIn === 'encrypted' || dropIn === 'both';
  const sealedPrivateKey = isSealed ? await sealedKey(operator, terminalId, options) : null;
  const accepted = {
    callerNetworks: [...(options.callers ?? [])],
    callbackOrigins: (options.callbacksTo ?? []).map((origin) => new URL(origin).origin),
    acceptsPlain: dropIn === 'plain' || dropIn === 'both',
  };
  try {
    await act(operator, {}, async ({ tx, at, audit }) => {
      if (sealedPrivateKey !== null)
        for (const kid of sealedKids(sealedPrivateKey)) await holdKey(tx, kid);
      const before = await tx.dropIn.findUnique({ where: { terminalId } });
      if (dropIn === 'off') await tx.dropIn.deleteMany({ where: { terminalId } });
      else {
        const row = { ...accepted, publicKey: terminal.publicKey, sealedPrivateKey };
        await tx.dropIn.upsert({
          where: { terminalId },
          create: { ...row, terminalId, createdAt: at },
          update: row,
          select: { terminalId: true },
        });
      }
      audit({
        action: 'terminals set',
        subject: { kind: 'terminal', id: terminalId },
        before: { drop_in: before && audited(before, before.sealedPrivateKey !== null) },
        after: { drop_in: dropIn === 'off' ? null : audited(accepted, isSealed) },
      });
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new OperatorError('Another terminal with this public key accepts such requests already.');
  }
  operator.output.remark(
    dropIn === 'off'
      ? `"${terminal.name}" accepts no requests in the gateway’s form, within seconds.`
      : `"${terminal.name}" accepts requests in the gateway’s form (${dropIn}), within seconds.`,
  );
}

async function sealedKey(operator: Operator, terminalId: string, options: DropInOptions) {
  const keys = operator.keys();
  if (keys.dropInSecrets.length === 0) {
    throw new OperatorError(
      'The key sets have no key for this yet: run "keys rotate --use drop-in" first.',
    );
  }
  const privateKey = await privateKeyOf(operator, options.privateKey);
  return sealSecret(privateKey, { terminalId, keys, use: 'dropInSecrets' });
}

interface Accepted {
  readonly callerNetworks: readonly string[];
  readonly callbackOrigins: readonly string[];
  readonly acceptsPlain: boolean;
}

/** Returns the row for the audit, without a key. */
function audited({ callerNetworks, callbackOrigins, acceptsPlain }: Accepted, isSealed: boolean) {
  return {
    accepts: [...(acceptsPlain ? ['plain'] : []), ...(isSealed ? ['encrypted'] : [])],
    callers: callerNetworks,
    callbacks_to: callbackOrigins,
  };
}

interface Opting {
  readonly publicKey: string;
  readonly mode: 'test' | 'live';
}

/** Returns every problem of the options, as sentences. */
function problemsOf(options: DropInOptions, { publicKey, mode }: Opting): string[] {
  const { dropIn, callers = [], callbacksTo = [], privateKey } = options;
  if (dropIn === undefined)
    return ['--callers, --callbacks-to and --private-key belong to --drop-in; give it too.'];
  if (dropIn === 'off') {
    return callers.length + callbacksTo.length > 0 || privateKey !== undefined
      ? ['--drop-in off takes no other option.']
      : [];
  }
  const problems: string[] = [];
  if (publicKey.length !== 43 && publicKey.length !== 44) {
    problems.push(
      'The terminal’s public key must have 43 or 44 characters: an encrypted request ends in it without a separator.',
    );
  }
  if (callers.length === 0) {
    problems.push(
      'The gateway’s form does not prove its sender, encrypted or not: give the networks that may call with --callers.',
    );
  }
  if (!callers.every(isAddressRange))
    problems.push('--callers must be IP addresses or CIDR subnets, separated by commas.');
  if (!callbacksTo.every((origin) => isOrigin(origin, mode))) {
    problems.push(
      mode === 'live'
        ? '--callbacks-to must be https origins on the public Internet, such as https://shop.example, separated by commas.'
        : '--callbacks-to must be http or https origins, such as https://shop.example, separated by commas.',
    );
  }
  return problems;
}

function isOrigin(text: string, mode: 'test' | 'live'): boolean {
  const url = parseUrl(text);
  if (!url) return false;
  const { protocol, origin, href, hostname } = url;
  const isWeb = protocol === 'https:' || (protocol === 'http:' && mode === 'test');
  const host = hostname.replaceAll(/[[\]]/g, '');
  const isReachable = mode === 'test' || isIP(host) === 0 || isPublicAddress(host);
  return isWeb && isReachable && href === `${origin}/`;
}
