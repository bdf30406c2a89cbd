// What the operator's CLI says about payments whose cards must not show, and about mistakes with keys and cards.
import { operate } from '../../tools/stack/operator.ts';

const LOOKS = [
  ['explain', 'dead-row-x'],
  ['explain', 'sealed-main'],
  ['terminals', 'list'],
  ['audit', 'list'],
];

/** Keeps what the CLI says. Resolves with the exit codes of the mistakes. */
export async function operatorLooks(witness, card) {
  const { stack } = witness;
  const [{ privateKey }] = stack.terminals;
  const { number } = card;
  const mistakes = [
    ['explain', number],
    ['resolve', 'dead-row-x', '--as', number, '--evidence', `the card ${number}`],
    ['terminals', 'add', `--private-key=${privateKey}`, `--name=${number}`, '--number=x'],
  ];
  const [looked, ...missed] = await Promise.all([
    operate(stack.setup, LOOKS),
    ...mistakes.map((args) => stack.operate(args)),
  ]);
  for (const [at, said] of looked.entries())
    witness.keep(`operator's CLI says to ${LOOKS[at].join(' ')}`, said);
  for (const [at, { output: said }] of missed.entries())
    witness.keep(`operator's CLI says to mistake ${at}`, said);
  return missed.map(({ code }) => code);
}
