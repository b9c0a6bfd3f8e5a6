// Variables for a script's __ENV go in; k6's flags for them come out.

/** As flags, not in the environment: runCounted() starts k6 with the environment of the bench. */
export function flagsOf(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
}
