// Types of imported data files that have no declaration of their own (`users.d.csv.ts`); see csv.ts.

declare module '*.csv' {
  /** The rows, by the header's names: `new SharedArray('users', loadUsers)`. */
  const loadRows: () => Record<string, string>[];
  export default loadRows;
}
