// An error → the severity and the texts of its ErrorLogs item.

import { teamSeverityOf } from '../../analysis/findings/team-severity.ts';
import type { Result, ResultError } from '../../model/result.ts';
import { percent } from '../../text/format.ts';
import { recordLine, recordText } from '../../text/record-text.ts';
import { keyPart } from '../store/record-keys.ts';

const SEVERITY_NAMES = { critical: 'CRITICAL', high: 'HIGH', medium: 'MEDIUM', low: 'LOW' } as const;
/** The priority of each severity. */
export const PRIORITY_OF = { CRITICAL: 'HIGHEST', HIGH: 'HIGH', MEDIUM: 'MEDIUM', LOW: 'LOW' } as const;

/**
 * The severity of the team's targets on such errors, if there are any. Otherwise an exception that names its function is critical, and
 * other errors are rated by the share that failed; errors of the server or without a response are at least medium.
 */
export function severityOf(error: ResultError, result: Result): keyof typeof PRIORITY_OF {
  const declared = teamSeverityOf(result, error);
  if (declared !== undefined) return SEVERITY_NAMES[declared];
  if (error.kind === 'exception' && error.endpoint !== '') return 'CRITICAL';
  const share = error.share ?? 0;
  if (share >= 0.5) return 'CRITICAL';
  if (share >= 0.05) return 'HIGH';
  const serverSide = error.kind === 'transport' || error.status.startsWith('5');
  return share >= 0.01 || serverSide ? 'MEDIUM' : 'LOW';
}

/** The texts of one kind of error. */
interface Words {
  /** Part of the item's key. */
  readonly symptom: (error: ResultError) => string;
  readonly summary: (error: ResultError, at: string, scenario: string) => string;
  /** What the error's share is a share of. */
  readonly share: string;
  readonly expected: (error: ResultError) => string;
}

const EXCEPTION: Words = {
  symptom: () => 'Exception',
  summary: ({ message }, at) => `The script threw in ${at}: ${message}`,
  share: 'iterations',
  expected: () => 'The scenario runs without exceptions.',
};

const WORDS: Readonly<Record<ResultError['kind'], Words>> = {
  http: {
    symptom: ({ status }) => `Http${keyPart(status, 5)}`,
    summary: ({ status }, at) => `${at} returned status ${status} under load`,
    share: 'requests to this endpoint',
    expected: () =>
      'A response with an expected status (200 to 399, unless the scenario sets others), also under load.',
  },
  transport: {
    symptom: ({ code }) => (code === '' ? 'Transport' : `Transport${keyPart(code, 6)}`),
    summary: ({ message }, at) => `${at} gave no response under load: ${message}`,
    share: 'requests to this endpoint',
    expected: () => 'A response, also under load.',
  },
  grpc: {
    symptom: ({ message }) => `Grpc${keyPart(message, 20)}`,
    summary: ({ message }, at) => `${at} ended with gRPC status ${message} under load`,
    share: 'calls of this method',
    expected: () => 'Status OK, also under load.',
  },
  ws: {
    symptom: ({ status }) => `WebSocket${keyPart(status, 5)}`,
    summary: ({ message }, at) => `WebSocket sessions of ${at} did not connect under load: ${message}`,
    share: 'WebSocket sessions of this URL',
    expected: () => 'A WebSocket connection (status 101), also under load.',
  },
  browser: {
    symptom: ({ status }) => `Browser${keyPart(status, 5)}`,
    summary: ({ message }, at) => `Browser requests of ${at} failed under load: ${message}`,
    share: 'browser requests to this address',
    expected: () => 'A response with a status below 400 in the browser, also under load.',
  },
  check: {
    symptom: () => 'CheckFailed',
    summary: ({ message }, _at, scenario) => `Check "${message}" failed under load in ${scenario}`,
    share: 'evaluations of this check',
    expected: ({ message }) => `The check "${recordLine(message)}" passes, also under load.`,
  },
  exception: EXCEPTION,
  log: EXCEPTION,
};

/** The symptom for the item's key: `Http503`. */
export function symptomOf(error: ResultError): string {
  return WORDS[error.kind].symptom(error);
}

/** One sentence on what happened: `GET /search returned status 503 under load`. */
export function summaryOf(error: ResultError, { scenario }: Result): string {
  return WORDS[error.kind].summary(error, error.endpoint === '' ? scenario : error.endpoint, scenario);
}

/** How often, where and when the error was seen. */
export function descriptionOf(error: ResultError, result: Result): string {
  const share = error.share === null ? '' : ` (${percent(error.share)} of the ${WORDS[error.kind].share})`;
  const where = error.where === null ? '' : ` At ${recordLine(error.where)}.`;
  return recordText(
    `Seen ${error.count} times${share} in ${result.run}, profile ${result.profile}, between ${error.first_seen_at ?? 'unknown'} and ${error.last_seen_at ?? 'unknown'}. ${error.message}.${where}`,
  );
}

/** The expected behaviour. */
export function expectedOf(error: ResultError): string {
  return WORDS[error.kind].expected(error);
}

/** A response of the error as an example; '' without a sample. */
function exampleOf({ samples: [sample] }: ResultError): string {
  if (sample === undefined || sample.response.status === 0) return '';
  const { status, duration_ms, body } = sample.response;
  const content = body === null ? 'without a body' : `with the body ${recordLine(body, 1200)}`;
  return `. For example at ${sample.at}: status ${status} after ${Math.round(duration_ms)} ms ${content}`;
}

/** The actual behaviour: status, message, number of times, and an example. */
export function actualOf(error: ResultError): string {
  const status =
    error.status === '' || error.status === '0' || error.message_is_status ? '' : `status ${error.status}; `;
  return `${status}${error.message}${error.code === '' ? '' : ` (k6 error code ${error.code})`}, ${error.count} times${exampleOf(error)}`;
}
