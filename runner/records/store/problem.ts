// A problem with a record or with the configuration.

/** `error`: the record cannot be used. `warning`: it can be used, but should be checked. */
export interface Problem {
  readonly level: 'error' | 'warning';
  readonly text: string;
}
