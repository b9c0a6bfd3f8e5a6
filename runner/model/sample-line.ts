// What a scenario reports to the runner about a request that failed: one line of k6's log, written inside k6 and read outside.

/** Begins the line; what follows is a SampleLine as JSON. */
export const SAMPLE_MARKER = 'novaperf-sample ';

/** Characters (UTF-16) that are kept of each part: with quotes escaped twice a line stays below the 64 KB a log line may have. */
export const KEPT = { name: 1000, url: 1000, headerName: 100, headerValue: 300, headers: 1000, body: 1024, error: 300 };

/** A request and its response, without secrets and short. Header names are as they were sent. */
export interface SampleLine {
  /** Epoch milliseconds of the end of the request. */
  readonly at: number;
  /** k6's `name` tag of the request, at most KEPT.name of it; '' where only the checks know the response. */
  readonly name: string;
  /** k6's `group` tag: `::shop::pay`. */
  readonly group: string;
  /** The checks that failed on this response; none: the request itself failed. */
  readonly checks: readonly string[];
  /** k6's number; 0 for none. */
  readonly error_code: number;
  /** From 1 on, unique in the test. */
  readonly vu: number;
  /** Of this VU in its scenario, from 0 on; null in setup and teardown. */
  readonly iteration: number | null;
  readonly scenario: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    /** null: none. */
    readonly body: string | null;
  };
  readonly response: {
    /** 0: there was none. */
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** null: none, or discarded by the script's options. */
    readonly body: string | null;
    readonly duration_ms: number;
    /** k6's words; '' for none. */
    readonly error: string;
  };
}
