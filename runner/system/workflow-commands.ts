// What the program prints on GitHub Actions: text that the runner must not take for commands, and the commands that are meant.

/** True on GitHub Actions, where every line of both streams is looked through for workflow commands. */
export function isGithubActions(env: NodeJS.ProcessEnv): boolean {
  return env.GITHUB_ACTIONS === 'true';
}

/**
 * Text that holds no workflow command: log lines, URLs and messages of a server could begin with `::add-mask::` or hold
 * `##[group]`. The runner looks for the first at the start of a line, behind white space, and for the second anywhere
 * (actions/runner, ActionCommand.TryParseV2 and TryParse). A plain space goes between, and whatever is neither letter nor
 * digit counts as the start: .NET's StartsWith goes by the culture's rules, which pass over invisible characters.
 */
export function withoutCommands(text: string): string {
  return text.replace(/^([^\p{L}\p{N}:]*):(?=:)/gmu, '$1: ').replaceAll('##[', '# #[');
}

/** The same JSON document without the second form; the first cannot stand at the start of one of its lines. */
export function jsonWithoutCommands(json: string): string {
  return json.replaceAll('##[', '#\\u0023[');
}
