// Findings about what went wrong: exceptions, and failed requests and checks from their own files.

import type { Finding } from '../../model/kpi.ts';
import { oneLine } from '../../text/display-text.ts';
import { count, percent, plural } from '../../text/format.ts';
import { bottleneckFindings } from './bottlenecks.ts';
import { failedChecks } from './findings-checks.ts';
import type { FindingsInput, ThrownException } from './findings-input.ts';
import { requestFindings } from './findings-requests.ts';

/** Findings about exceptions of the script, failed requests, failed checks, and bottlenecks, in this order. */
export function errorFindings(input: FindingsInput): Finding[] {
  const { metrics, kpis } = input;
  return [
    ...exceptionFindings(input),
    ...requestFindings(metrics, input.options ?? {}),
    ...failedChecks(metrics),
    ...bottleneckFindings(kpis, metrics),
  ];
}

function exceptionFindings({ exceptions, iterations }: FindingsInput): Finding[] {
  const inIterations = exceptions.filter(({ stage }) => stage === 'iteration');
  const elsewhere = exceptions.filter(({ stage }) => stage !== 'iteration');
  const found: Finding[] = elsewhere.map((exception) => ({
    kind: 'script_exceptions',
    severity: exception.stage === 'teardown' ? 'high' : 'critical',
    title: `The script threw an exception in ${exception.stage === 'init' ? 'its init code' : `${exception.stage}()`}: ${oneLine(exception.message)}`,
    detail: whereText(exception),
    kpis: [],
  }));
  const thrown = inIterations.reduce((sum, exception) => sum + exception.count, 0);
  if (thrown === 0) return found;
  const share = iterations > 0 ? Math.min(1, thrown / iterations) : 1;
  const worst = inIterations.toSorted((a, b) => b.count - a.count);
  const every = share === 1;
  return [
    {
      kind: 'script_exceptions',
      severity: every ? 'critical' : share >= 0.01 ? 'high' : 'medium',
      title: `The script threw an exception in ${every ? `every iteration (${count(thrown)})` : `${count(thrown)} of ${plural(iterations, 'iteration')} (${percent(share)})`}: ${oneLine(worst[0]?.message ?? '')}`,
      detail: `${worst.slice(0, 3).map(whereText).join(' ')}${worst.length > 3 ? ` ${count(worst.length - 3)} more kinds.` : ''} The rest of these iterations did not run, so the load was lower than intended. Exceptions do not change the exit code of k6.`,
      kpis: [],
    },
    ...found,
  ];
}

function whereText({ message, where, count: times }: ThrownException): string {
  const text = oneLine(message);
  return `${where === null ? text : `${text} at ${oneLine(where)}`}, ${plural(times, 'time')}.`;
}
