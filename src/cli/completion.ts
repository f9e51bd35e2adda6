import type { DescribedCommand } from "./command.ts";

/** Shells that there is a script for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that completes the names of commands and of their options; where neither is written, files. */
export function completionScript(shell: Shell, commands: readonly DescribedCommand[]): string {
  return { bash, zsh, fish }[shell](commands);
}

const flagsOf = ({ options }: DescribedCommand): string => options.map(({ flag }) => flag).join(" ");
/** Text in single quotes, as all three shells read it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const bash = (commands: readonly DescribedCommand[]): string => `_ganglion() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    words=${quoted(commands.map(({ name }) => name).join(" "))}
  elif [[ $current == -* ]]; then
    case \${COMP_WORDS[1]} in
${commands.map((command) => `      ${command.name}) words=${quoted(flagsOf(command))} ;;`).join("\n")}
    esac
  else
    return
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _ganglion ganglion`;

const zsh = (commands: readonly DescribedCommand[]): string => `#compdef ganglion
_ganglion() {
  local -a found
  if (( CURRENT == 2 )); then
    found=(
${commands.map(({ name, summary }) => `      ${quoted(`${name}:${summary}`)}`).join("\n")}
    )
    _describe command found
  elif [[ $words[CURRENT] == -* ]]; then
    case $words[2] in
${commands.map((command) => `      ${command.name}) compadd -- ${flagsOf(command)} ;;`).join("\n")}
    esac
  else
    _files
  fi
}
if [[ $funcstack[1] == _ganglion ]]; then _ganglion "$@"; else compdef _ganglion ganglion; fi`;

const fish = (commands: readonly DescribedCommand[]): string =>
  commands
    .flatMap(({ name, summary, options }) => [
      `complete -c ganglion -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...options.map(
        ({ flag, summary }) =>
          `complete -c ganglion -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d ${quoted(summary)}`,
      ),
    ])
    .join("\n");
