// `terminals set`: changes how payments in doubt are looked up, whether an absence counts, the lane
// of a terminal's payments, and its requests in the gateway's form.
import { StepRequests, lockTerminal } from '@quittance/persistence';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { durationText, parseDuration } from '../command/times.js';
import { act, type ActionContext, OperatorError } from '@quittance/operations';
import type { Operator } from '../command/operator.js';
import { concernsDropIn, declareDropIn, type DropInOptions, setDropIn } from './drop-in.js';
import {
  absenceProblems,
  INQUIRIES,
  type Inquiry,
  isLane,
  modelInquiry,
  storedInquiry,
} from './terminal-options.js';
import { type MerchantOption, findTerminal } from './find-terminal.js';

/** The options as commander parses them; a missing one changes nothing. */
export interface TerminalChange extends MerchantOption, DropInOptions {
  readonly inquiry?: Inquiry;
  /** In milliseconds, or never. */
  readonly absentAfter?: number | 'never';
  readonly lane?: string;
}

/** Declares the options of `terminals set`. */
export function declareSet(command: Command): Command {
  return declareDropIn(command)
    .description(
      'change the lookup of its payments in doubt, its lane, or its requests in the gateway’s form',
    )
    .requiredOption('--merchant <name>', 'the merchant that owns it')
    .addOption(
      new Option('--inquiry <strategy>', 'the gateway’s way to look up a payment').choices(
        INQUIRIES,
      ),
    )
    .option(
      '--absent-after <duration>',
      'e.g. 6h: a payment that the probe does not find for that long becomes failed; "never" disables this',
      parseAbsentAfter,
    )
    .option('--lane <lane>', 'submission queue; queued payments move there', parseLane);
}

function parseAbsentAfter(text: string): number | 'never' {
  if (text === 'never') return text;
  try {
    return parseDuration(text);
  } catch {
    throw new InvalidArgumentError('Expected a duration (90s, 30m, 6h or 2d) or "never".');
  }
}

function parseLane(text: string): string {
  if (isLane(text)) return text;
  throw new InvalidArgumentError('A lane has 1 to 40 characters of a-z, 0-9 and "-".');
}

export async function setTerminal(
  operator: Operator,
  name: string,
  options: TerminalChange,
): Promise<void> {
  const { inquiry, absentAfter, lane } = options;
  const isOther = inquiry !== undefined || absentAfter !== undefined || lane !== undefined;
  const isDropIn = concernsDropIn(options);
  if (isOther && isDropIn) throw new OperatorError('Change --drop-in in a command of its own.');
  if (!isOther && !isDropIn) {
    throw new OperatorError(
      'Nothing to change: give --inquiry, --absent-after, --lane or --drop-in.',
    );
  }
  const { id } = await findTerminal(operator, name, options);
  if (isDropIn) return setDropIn(operator, id, options);
  const remark = await act(operator, {}, (acting) => change(acting, id, name, options));
  operator.output.remark(remark);
  if (inquiry !== undefined && inquiry !== 'trans-id') await askDoubts(operator, id);
  if (lane !== undefined) await moveQueued(operator, id, lane);
}

async function moveQueued({ pool, clock, output }: Operator, id: string, lane: string) {
  const { payments } = await new StepRequests(pool).queuedOf(id, clock.now());
  output.remark(`Its payments use the lane "${lane}". Moved there and due now: ${payments}.`);
}

/**
 * Makes the terminal's payments in doubt due for an inquiry. It runs after the commit, so that it
 * finds every payment that read the terminal before.
 */
async function askDoubts({ pool, clock, output }: Operator, id: string): Promise<void> {
  const asked = await new StepRequests(pool).doubtsOf(id, clock.now());
  if (asked > 0)
    output.remark(`Payments in doubt without a transID, due for an inquiry now: ${asked}.`);
}

async function change(
  { tx, audit }: ActionContext,
  id: string,
  name: string,
  options: TerminalChange,
): Promise<string> {
  const before = await lockTerminal(tx, id);
  const present = before.inquiry === 'trans_id' ? 'trans-id' : before.inquiry;
  const { inquiry = present } = options;
  const absentAfter = absentAfterOf(options.absentAfter, before.absent_after_ms);
  const problems = absenceProblems({ inquiry, absentAfter });
  if (problems.length > 0) {
    const isKept = options.absentAfter === undefined;
    const way = isKept ? ['Or disable the current value with --absent-after never.'] : [];
    throw new OperatorError([...problems, ...way].join('\n'));
  }
  const { lane = before.lane } = options;
  const after = { inquiry: storedInquiry(inquiry), absent_after_ms: absentAfter ?? null, lane };
  await tx.terminal.update({
    where: { id },
    data: { inquiry: modelInquiry(inquiry), absentAfterMs: absentAfter ?? null, lane },
    select: { id: true },
  });
  audit({
    action: 'terminals set',
    subject: { kind: 'terminal', id },
    before: {
      inquiry: before.inquiry,
      absent_after_ms: before.absent_after_ms,
      lane: before.lane,
    },
    after,
  });
  const effect =
    absentAfter === undefined ? 'never counts' : `counts after ${durationText(absentAfter)}`;
  return `"${name}" asks by ${inquiry}, and an absence ${effect}, from the next inquiry on.`;
}

/** Returns the new value; undefined when no absence counts. */
function absentAfterOf(
  wanted: number | 'never' | undefined,
  present: number | null,
): number | undefined {
  if (wanted === 'never') return undefined;
  return wanted ?? present ?? undefined;
}
