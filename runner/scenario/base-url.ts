// The URL of the system under test, from the script's environment. Runs inside k6.

declare const __ENV: Readonly<Record<string, string | undefined>>;

/** The demo's default address. */
const DEFAULT_BASE_URL = 'http://127.0.0.1:3333';

/** The system under test, without a slash at the end: `--env`, `--base-url`, or `k6 run -e BASE_URL=…`. */
export const baseUrl: string = (__ENV.BASE_URL || DEFAULT_BASE_URL).replace(/\/+$/, '');
