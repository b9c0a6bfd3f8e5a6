// Types of imported data files without a declaration of their own (`users.d.csv.ts`); see data-files.ts.

declare module '*.csv' {
  /** The rows, by the header's names: `new SharedArray('users', loadUsers)`. */
  const loadRows: () => Record<string, string>[];
  export default loadRows;
}

declare module '*.yaml' {
  const loadValue: () => unknown;
  export default loadValue;
}

declare module '*.yml' {
  const loadValue: () => unknown;
  export default loadValue;
}
