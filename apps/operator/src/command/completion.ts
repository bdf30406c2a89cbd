// `completion <shell>`: prints a script that completes commands, options and their choices. The
// script contains all words, so that a completion starts no process.
import { Argument, type Command } from 'commander';
import type { Streams } from './output.js';

/** The words that may follow a command, by its path (`""`, `merchants`, `keys create`). */
export type WordsByPath = ReadonlyMap<string, readonly string[]>;

const SHELLS = ['bash', 'zsh'] as const;
type Shell = (typeof SHELLS)[number];

export function addCompletionCommand(program: Command, { print }: Streams): void {
  program
    .command('completion')
    .description('print a script for the shell: source <(quittance completion bash)')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) => print(SCRIPTS[shell](wordsByPath(program))));
}

/** Returns the words of every command below `program`. */
function wordsByPath(program: Command): WordsByPath {
  const words = new Map<string, string[]>();
  const common = ['--json', '--why', '--help'];
  const visit = (command: Command, path: string) => {
    const options = command.options.flatMap(({ long }) => long ?? []);
    const names = command.commands.map((child) => child.name());
    words.set(path, [...new Set([...names, ...choicesOf(command), ...options, ...common])]);
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trimStart());
    for (const { long, argChoices } of command.options)
      if (long && argChoices) words.set(`${path} ${long}`, argChoices);
  };
  visit(program, '');
  return words;
}

const choicesOf = ({ registeredArguments }: Command) =>
  registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);

/**
 * For bash 3.2 and later. A word extends the path if the path so extended is known: a command, or
 * an option with choices whose value is still to come.
 */
const bash = (words: WordsByPath) => `_quittance() {
  local path="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${path:+$path }\${COMP_WORDS[i]}"
    if [ -n "$(_quittance_words "$word")" ]; then
      case "\${COMP_WORDS[i]}" in -*) [ $((i + 1)) -lt "$COMP_CWORD" ] && continue ;; esac
      path="$word"
    fi
  done
  COMPREPLY=($(compgen -W "$(_quittance_words "$path")" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
_quittance_words() {
  case "$1" in
${[...words].map(([path, list]) => `    "${path}") echo "${list.join(' ')}" ;;`).join('\n')}
  esac
}
complete -o default -F _quittance quittance
`;

/** zsh runs the completions of bash. */
const zsh = (words: WordsByPath) =>
  `autoload -U +X compinit bashcompinit\ncompinit\nbashcompinit\n${bash(words)}`;

const SCRIPTS: Readonly<Record<Shell, (words: WordsByPath) => string>> = { bash, zsh };
