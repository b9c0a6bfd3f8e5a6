// The kinds of rows in the table of errors.

import { REQUEST_ERROR_KINDS } from './protocols.ts';

/** ws: a session that did not connect. browser: a request of a page. log: an error in k6's log. */
export const ERROR_KINDS = [...REQUEST_ERROR_KINDS, 'ws', 'browser', 'check', 'exception', 'log'] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];
