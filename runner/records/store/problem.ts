// Something wrong with a record or with the configuration.

/** `error`: the record cannot be used as it is. `warning`: it can, and somebody should look. */
export interface Problem {
  readonly level: 'error' | 'warning';
  readonly text: string;
}
