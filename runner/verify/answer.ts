// One GET to the system shows whether it is healthy, its build, and the difference of its clock.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { CHECK_TIMEOUT_MS, type Found, failed, passed, skipped, warning } from '../model/preflight-check.ts';
import { messageOf } from '../system/errors.ts';
import { duration } from '../text/format.ts';
import { redactUrl } from '../text/secrets.ts';

/** The response, or why there was none. */
export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** At most the first 10,000 characters. */
      readonly body: string;
      readonly date: string | undefined;
      readonly age: string | undefined;
      /** By this machine's clock: when the request was sent and the headers had arrived. */
      readonly sentAtMs: number;
      readonly answeredAtMs: number;
    }
  | { readonly kind: 'silence'; readonly afterMs: number }
  | { readonly kind: 'error'; readonly message: string };

const BODY_CHARACTERS = 10_000;
/** Maximum time for the body, because a health page may be an endless stream. */
const BODY_MS = 2_000;

/** Sends one request and follows no redirect. Ignores the certificate, which has its own check; nothing secret is sent. */
export function ask(url: URL, timeoutMs = CHECK_TIMEOUT_MS): Promise<Answer> {
  return new Promise((resolve) => {
    const sentAtMs = Date.now();
    const options = { agent: false, headers: { accept: '*/*', 'user-agent': 'novaperf' }, timeout: timeoutMs };
    const onResponse = (response: IncomingMessage) => {
      clearTimeout(timer);
      const answeredAtMs = Date.now();
      void bodyOf(response).then((body) => {
        request.destroy();
        resolve({
          kind: 'answer',
          status: response.statusCode ?? 0,
          body,
          date: response.headers.date,
          age: response.headers.age,
          sentAtMs,
          answeredAtMs,
        });
      });
    };
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, rejectUnauthorized: false }, onResponse)
        : httpRequest(url, options, onResponse);
    const timer = setTimeout(() => {
      resolve({ kind: 'silence', afterMs: timeoutMs });
      request.destroy();
    }, timeoutMs);
    request.on('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'error', message: messageOf(error) || 'the connection failed' });
    });
    request.end();
  });
}

function bodyOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let body = '';
    const end = () => {
      clearTimeout(timer);
      resolve(body.slice(0, BODY_CHARACTERS));
    };
    const timer = setTimeout(end, BODY_MS);
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      body += text;
      if (body.length >= BODY_CHARACTERS) end();
    });
    response.on('end', end);
    response.on('close', end);
    response.on('error', end);
  });
}

/**
 * Whether the system is healthy. With a health path the status must be 2xx; without one any answer passes, even one that is not
 * HTTP, because the system may speak gRPC. A system that hangs fails.
 */
export function health(answer: Answer, url: URL, hasHealthPath: boolean): Found {
  const what = hasHealthPath ? redactUrl(url.href) : url.origin;
  if (answer.kind === 'silence') {
    return failed(
      `Expected ${what} to answer, found that it accepts connections, but does not answer within ${answer.afterMs / 1000} s.`,
      'check whether the system under test is up, or hangs',
    );
  }
  if (answer.kind === 'error') {
    if (!hasHealthPath) return skipped(`no health_path is configured, and it does not answer HTTP (${answer.message})`);
    return failed(`Expected ${what} to answer, found: ${answer.message}.`, 'check whether the system under test is up');
  }
  const { status } = answer;
  if (!hasHealthPath) {
    const said = `no health_path is configured; ${url.pathname} answers ${status}`;
    return status >= 500
      ? warning(said, 'check whether the system under test is up, and set health_path for the environment')
      : passed(said);
  }
  if (status >= 200 && status < 300) return passed(`${url.pathname} answers ${status}`);
  return failed(`Expected ${what} to answer 2xx, found ${status}.`, 'wait until the system under test is ready');
}

/** The version that a health page reports: JSON with a text `version`. */
export function versionIn(answer: Answer): string | undefined {
  if (answer.kind !== 'answer') return undefined;
  try {
    const value: unknown = JSON.parse(answer.body);
    if (typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'string') {
      return value.version;
    }
  } catch {
    // A health page need not be JSON.
  }
  return undefined;
}

/** The reported version must equal --build; without a reported version --build is used. */
export function buildMatches(reported: string | undefined, build: string | undefined): Found {
  if (reported === undefined) return skipped('the system under test does not report its version');
  if (build === undefined) return passed(`the system under test reports ${reported}; no --build was given`);
  if (reported === build) return passed(reported);
  return failed(
    `Expected build ${build} under test, found ${reported}.`,
    'deploy that build, or give the deployed one with --build',
  );
}

/** With a larger difference, lines of two logs cannot be matched by time. */
const CLOCK_WARN_MS = 2_000;

/**
 * How far the system's clock is ahead of ours, from the Date header (RFC 9110, 6.6.1) in whole seconds, truncated. It was written
 * between request and response, so the difference is in [date − answered, date + 1 s − sent]; given as the middle ± half of it.
 * A warning if it is certainly more than 2 s.
 */
export function clockDifference(answer: Answer): Found {
  if (answer.kind !== 'answer') return skipped('there was no answer');
  const dateMs = Date.parse(answer.date ?? '');
  if (Number.isNaN(dateMs)) return skipped('the answer has no Date header');
  if (answer.age !== undefined && answer.age.trim() !== '0')
    return skipped('the answer comes from a cache (Age header)');
  const leastMs = dateMs - answer.answeredAtMs;
  const mostMs = dateMs + 1000 - answer.sentAtMs;
  const middleMs = (leastMs + mostMs) / 2;
  const size = (ms: number) => duration(Math.abs(ms), { digits: 2 });
  const side = middleMs < 0 ? 'behind' : 'ahead of';
  const said = `the clock of the system under test is ${size(middleMs)} ${side} that of this machine, ± ${size((mostMs - leastMs) / 2)}`;
  if (leastMs <= CLOCK_WARN_MS && mostMs >= -CLOCK_WARN_MS) return passed(said);
  return warning(
    `${said.replace(/^t/, 'T')}.`,
    'synchronize both clocks with NTP; until then, add the difference when comparing with the logs of the system under test',
  );
}
