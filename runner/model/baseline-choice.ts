// What a run is compared with, as data and as the text that flags and result.json have for it.

/** The latest accepted runs, those of a build or a branch, or one run (the path of its folder) with the other runs of its build. */
export type BaselineChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'latest' }
  /** The latest accepted runs that met all their targets. */
  | { readonly kind: 'green' }
  | { readonly kind: 'build'; readonly build: string }
  | { readonly kind: 'branch'; readonly branch: string }
  | { readonly kind: 'run'; readonly run: string };

/** Or another system, by its name or URL, that the same call loads: in runs of its own, or in the same run. */
export type ComparedWith = BaselineChoice | { readonly kind: 'against' | 'side-by-side'; readonly system: string };

/** `build:1.4.1`, `latest`, `against:http://old`; of a run the name of its folder. */
export function choiceText(choice: ComparedWith): string {
  switch (choice.kind) {
    case 'build':
      return `build:${choice.build}`;
    case 'branch':
      return `branch:${choice.branch}`;
    case 'run':
      return choice.run.split(/[\\/]/).at(-1) ?? choice.run;
    case 'against':
    case 'side-by-side':
      return `${choice.kind}:${choice.system}`;
    case 'none':
    case 'latest':
    case 'green':
      return choice.kind;
  }
}

/** The choice that a flag or a setting makes; every other text is a run. */
export function choiceOf(text: string): BaselineChoice {
  if (text === 'none' || text === 'latest' || text === 'green') return { kind: text };
  const [, kind, name = ''] = /^(build|branch):(.*)$/s.exec(text) ?? [];
  if (kind === 'build') return { kind, build: name.trim() };
  if (kind === 'branch') return { kind, branch: name.trim() };
  return { kind: 'run', run: text };
}

/** The choice in a result, from choiceText(). */
export function comparedWith(text: string): ComparedWith {
  for (const kind of ['against', 'side-by-side'] as const) {
    if (text.startsWith(`${kind}:`)) return { kind, system: text.slice(kind.length + 1) };
  }
  return choiceOf(text);
}
