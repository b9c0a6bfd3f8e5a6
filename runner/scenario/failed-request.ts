// An unexpected response becomes one redacted, short line of k6's log, limited in number. Runs inside k6.

import exec from 'k6/execution';
import type { Response } from 'k6/http';
import { KEPT, SAMPLE_MARKER, type SampleLine } from '../model/sample-line.ts';
import { redactField, redactPayload, secretValues, withoutValues } from '../text/secrets.ts';

declare const __ENV: Readonly<Record<string, string | undefined>>;
/** Scenarios are checked without Node's types. */
declare const console: { error(text: string): void };

/** Set by the runner, which reads the lines; a bundle run with plain k6 writes none. */
const IS_ASKED = __ENV.NOVAPERF_SAMPLES === '1';

// VUs share no state, and a sample costs k6 some milliseconds, which must not reduce the load of a failing system. The first few VUs
// send several samples of each kind of failure, also later in a soak; all others send one each, so that a failure of a single VU is
// not lost.
const FIRST_VUS = 10;
const FIRST_VUS_KINDS = 50;
/** Times of samples of one kind after its first. The first VUs send three at once. */
const SEND_AFTER_MS = { few: [0, 0, 0, 10_000, 60_000, 600_000], first: [0, 10_000, 60_000, 600_000], others: [0] };
const FEW_VUS = 3;
const OTHERS_KINDS = 5;
const MOST_OF_OTHERS = 1000;

/** What a VU may send: times after the first of a kind, and how many kinds. */
function allowance(): { readonly afterMs: readonly number[]; readonly kinds: number } {
  const vus = exec.instance.vusInitialized;
  if (exec.vu.idInTest <= FIRST_VUS)
    return { afterMs: vus <= FEW_VUS ? SEND_AFTER_MS.few : SEND_AFTER_MS.first, kinds: FIRST_VUS_KINDS };
  const kinds = Math.max(1, Math.min(OTHERS_KINDS, Math.floor(MOST_OF_OTHERS / vus)));
  return { afterMs: SEND_AFTER_MS.others, kinds };
}

interface Sent {
  readonly firstMs: number;
  count: number;
}

const sent = new Map<string, Sent>();
let secrets: readonly string[] | undefined;
let isFailing = false;

/** Whether something failed in this VU and the runner reads samples. */
export function hasFailed(): boolean {
  return isFailing;
}

/** Sends a sample of a request that failed, unless this VU has sent enough of its kind. `name`: its `name` tag. Never throws. */
export function sampleRequest(response: Response, name: string): void {
  if (!IS_ASKED) return;
  isFailing = true;
  try {
    const { status, error_code } = response;
    if (maySend(`${name}\n${status}\n${error_code}`)) send(response, name, []);
  } catch {
    // An error in sampling must not end the script.
  }
}

/** The same for checks that failed on a response. */
export function sampleChecks(value: unknown, checks: readonly string[]): void {
  if (!IS_ASKED || !isResponse(value)) return;
  try {
    const group = groupTag();
    const wanted = checks.filter((check) => maySend(`${group}\n${check}`));
    if (wanted.length > 0) send(value, '', wanted);
  } catch {
    // As above.
  }
}

/** The first failure in a VU: one of these checks, and k6 does not report which. */
export function sampleFirst(value: unknown, checks: readonly string[]): void {
  isFailing = IS_ASKED;
  if (checks.length === 1) sampleChecks(value, checks);
}

function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && 'request' in value && 'timings' in value;
}

function maySend(kind: string): boolean {
  const { afterMs, kinds } = allowance();
  const nowMs = Date.now();
  const known = sent.get(kind);
  if (known === undefined) {
    if (sent.size >= kinds) return false;
    sent.set(kind, { firstMs: nowMs, count: 1 });
    return true;
  }
  const nextAfterMs = afterMs[known.count];
  if (nextAfterMs === undefined || nowMs - known.firstMs < nextAfterMs) return false;
  known.count++;
  return true;
}

function send(response: Response, name: string, checks: readonly string[]): void {
  const { request } = response;
  const line: SampleLine = {
    at: Date.now(),
    name: name.slice(0, KEPT.name),
    group: groupTag(),
    checks: checks.map((check) => check.slice(0, KEPT.name)),
    error_code: response.error_code,
    vu: exec.vu.idInTest,
    ...iteration(),
    request: {
      method: request.method,
      url: short(request.url, KEPT.url),
      headers: headersOf(request.headers),
      body: bodyOf(request.body),
    },
    response: {
      status: response.status,
      headers: headersOf(response.headers),
      body: bodyOf(response.body),
      duration_ms: response.timings.duration,
      error: short(response.error, KEPT.error),
    },
  };
  console.error(SAMPLE_MARKER + JSON.stringify(line));
}

function groupTag(): string {
  return String(exec.vu.metrics.tags.group ?? '');
}

/** Scenario and iteration; setup() and teardown() have none, and k6 throws an exception there. */
function iteration(): Pick<SampleLine, 'scenario' | 'iteration'> {
  try {
    return { scenario: exec.scenario.name, iteration: exec.vu.iterationInScenario };
  } catch {
    return { scenario: '', iteration: null };
  }
}

/** Removes the secrets of the script's environment, before truncation could leave half of one. */
function known(text: string): string {
  secrets ??= secretValues(__ENV);
  return withoutValues(text, secrets);
}

function headersOf(headers: Readonly<Record<string, string | readonly string[]>>): Record<string, string> {
  const result: Record<string, string> = {};
  let left = KEPT.headers;
  // Go's order changes each time.
  for (const [name, value] of Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const text = kept(redactField(name, known(String(value).slice(0, LOOKED_AT))), KEPT.headerValue);
    left -= name.length + text.length;
    if (left < 0 || name.length > KEPT.headerName) break;
    result[name] = text;
  }
  return result;
}

/** Maximum number of characters that are redacted, because megabytes would take time from the load. */
const LOOKED_AT = 3 * KEPT.body;
const JSON_LOOKED_AT = 32 * 1024;

function bodyOf(body: Response['body']): string | null {
  if (body === null || body === undefined || body === '') return null;
  if (typeof body !== 'string') return `(binary, ${body.byteLength} bytes)`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they distinguish bytes from text
  if (/[\u0000-\u0008\u000e-\u001a\ufffd]/.test(body.slice(0, KEPT.body))) return `(binary, ${body.length} bytes)`;
  return short(body, KEPT.body, /^\s*[{[]/.test(body) && body.length <= JSON_LOOKED_AT ? JSON_LOOKED_AT : LOOKED_AT);
}

/** A text without secrets, truncated to `limit` characters. */
function short(text: string, limit: number, lookedAt = LOOKED_AT): string {
  const begin = text.length > lookedAt ? wholeWords(text.slice(0, lookedAt)) : text;
  return kept(redactPayload(known(begin), limit), limit, text.length - begin.length);
}

/** At most `limit` characters, and the number left out; control characters would take six times the space. */
function kept(text: string, limit: number, alreadyLeftOut = 0): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is to go
  const plain = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd');
  const begin = plain.length > limit ? wholeWords(plain.slice(0, limit)) : plain;
  const leftOut = alreadyLeftOut + plain.length - begin.length;
  return leftOut > 0 ? `${begin}… (${leftOut} more characters)` : begin;
}

const LONGEST_WORD = 200;

/** Without a truncated word, because half of a secret would not be recognised. */
function wholeWords(text: string): string {
  let end = text.length;
  // Not a regular expression: one anchored to the end of 3,000 characters took k6 30 ms.
  while (end > 0 && text.length - end < LONGEST_WORD && /[\w+/=.~-]/.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
