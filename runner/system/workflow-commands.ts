// Escapes workflow commands in output on GitHub Actions: its runner would execute them.

/** True on GitHub Actions: its runner searches every line of both streams for workflow commands. */
export function isGithubActions(env: NodeJS.ProcessEnv): boolean {
  return env.GITHUB_ACTIONS === 'true';
}

/**
 * Escapes workflow commands: log lines, URLs and server messages may begin with `::add-mask::` or contain `##[group]`.
 * The runner finds the first at the start of a line after white space, and the second anywhere (actions/runner,
 * ActionCommand.TryParseV2 and TryParse). A space is inserted. Any character that is not a letter or digit counts as
 * white space, because .NET's StartsWith ignores invisible characters.
 */
export function withoutCommands(text: string): string {
  return text.replace(/^([^\p{L}\p{N}:]*):(?=:)/gmu, '$1: ').replaceAll('##[', '# #[');
}

/** Escapes the second form in JSON; the first cannot be at the start of a line of JSON. */
export function jsonWithoutCommands(json: string): string {
  return json.replaceAll('##[', '#\\u0023[');
}
