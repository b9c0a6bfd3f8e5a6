// The report of a failed request: a line of k6's log that a scenario writes and the runner reads.

/** The start of the line; a SampleLine as JSON follows. */
export const SAMPLE_MARKER = 'novaperf-sample ';

/**
 * Limits of each part, in UTF-16 characters. With quotes escaped twice, a line stays below the 64 KB limit of a log
 * line.
 */
export const KEPT = { name: 1000, url: 1000, headerName: 100, headerValue: 300, headers: 1000, body: 1024, error: 300 };

/** A request and its response, shortened and without secrets. Header names as sent. */
export interface SampleLine {
  /** End of the request, epoch milliseconds. */
  readonly at: number;
  /** k6's `name` tag of the request, cut to KEPT.name; '' if only checks saw the response. */
  readonly name: string;
  /** k6's `group` tag: `::shop::pay`. */
  readonly group: string;
  /** The failed checks on this response; empty if the request itself failed. */
  readonly checks: readonly string[];
  /** k6's error code; 0 for none. */
  readonly error_code: number;
  /** Number of the VU, unique in the test, from 1. */
  readonly vu: number;
  /** Iteration of this VU in its scenario, from 0; null in setup and teardown. */
  readonly iteration: number | null;
  readonly scenario: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    /** null: no body. */
    readonly body: string | null;
  };
  readonly response: {
    /** 0: no response. */
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** null: no body, or discarded by the script's options. */
    readonly body: string | null;
    readonly duration_ms: number;
    /** k6's error text; '' for none. */
    readonly error: string;
  };
}
