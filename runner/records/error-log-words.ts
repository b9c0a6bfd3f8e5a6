// What an ErrorLogs item says of an error: its severity, and the sentences that people read.

import { teamSeverityOf } from '../analysis/team-severity.ts';
import type { Result, ResultError } from '../model/result.ts';
import { percent } from '../text/format.ts';
import { recordLine, recordText } from '../text/record-text.ts';
import { keyPart } from './record-keys.ts';

const SEVERITY_NAMES = { critical: 'CRITICAL', high: 'HIGH', medium: 'MEDIUM', low: 'LOW' } as const;
export const PRIORITY_OF = { CRITICAL: 'HIGHEST', HIGH: 'HIGH', MEDIUM: 'MEDIUM', LOW: 'LOW' } as const;

/** As the team weighs its targets on such errors; else by the share that failed; what stops the script altogether is critical, and no response is worse than a wrong one. */
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

export function symptomOf(error: ResultError): string {
  switch (error.kind) {
    case 'http':
      return `Http${keyPart(error.status, 5)}`;
    case 'transport':
      return error.code === '' ? 'Transport' : `Transport${keyPart(error.code, 6)}`;
    case 'grpc':
      return `Grpc${keyPart(error.message, 20)}`;
    case 'check':
      return 'CheckFailed';
    default:
      return 'Exception';
  }
}

export function summaryOf(error: ResultError, result: Result): string {
  const at = error.endpoint === '' ? result.scenario : error.endpoint;
  switch (error.kind) {
    case 'http':
      return `${at} answered ${error.status} under load`;
    case 'transport':
      return `${at} gave no response under load: ${error.message}`;
    case 'grpc':
      return `${at} ended with gRPC status ${error.message} under load`;
    case 'check':
      return `Check "${error.message}" failed under load in ${result.scenario}`;
    default:
      return `The script threw in ${at}: ${error.message}`;
  }
}

const OF_WHAT: Readonly<Record<ResultError['kind'], string>> = {
  http: 'requests to this endpoint',
  transport: 'requests to this endpoint',
  grpc: 'calls of this method',
  check: 'evaluations of this check',
  exception: 'iterations',
  log: 'iterations',
};

export function descriptionOf(error: ResultError, result: Result): string {
  const share = error.share === null ? '' : ` (${percent(error.share)} of the ${OF_WHAT[error.kind]})`;
  const where = error.where === null ? '' : ` At ${recordLine(error.where)}.`;
  return recordText(
    `Seen ${error.count} times${share} in ${result.run}, profile ${result.profile}, between ${error.first_seen_at ?? 'unknown'} and ${error.last_seen_at ?? 'unknown'}. ${error.message}.${where}`,
  );
}

export function expectedOf(error: ResultError): string {
  switch (error.kind) {
    case 'http':
      return 'A response with an expected status (200 to 399, unless the scenario sets others), also under load.';
    case 'transport':
      return 'A response, also under load.';
    case 'grpc':
      return 'Status OK, also under load.';
    case 'check':
      return `The check "${recordLine(error.message)}" passes, also under load.`;
    default:
      return 'The scenario runs without exceptions.';
  }
}

/** What one of the responses said, where a sample of it was kept. */
function exampleOf({ samples: [sample] }: ResultError): string {
  if (sample === undefined || sample.response.status === 0) return '';
  const { status, duration_ms, body } = sample.response;
  const said = body === null ? 'without a body' : `with the body ${recordLine(body, 1200)}`;
  return `. For example at ${sample.at}: status ${status} after ${Math.round(duration_ms)} ms ${said}`;
}

export function actualOf(error: ResultError): string {
  const status =
    error.status === '' || error.status === '0' || error.message === `status ${error.status}`
      ? ''
      : `status ${error.status}; `;
  return `${status}${error.message}${error.code === '' ? '' : ` (k6 error code ${error.code})`}, ${error.count} times${exampleOf(error)}`;
}
