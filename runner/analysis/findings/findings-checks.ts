// Findings about failed checks; less severe if failed requests explain them.

import type { Finding } from '../../model/kpi.ts';
import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { EVERY_PROTOCOL } from '../../model/protocols.ts';
import { NO_NAME, oneLine } from '../../text/display-text.ts';
import { count, percent, plural } from '../../text/format.ts';
import { severityOf } from '../requests/failure-severity.ts';
import { failedOverTime } from '../requests/protocol-figures.ts';

/**
 * If more than this share of a check's failures exceeds the failed requests in the same seconds, it has another cause.
 */
const UNEXPLAINED = 0.05;

/**
 * True if a check failed only when requests did: in each interval or the next one, at least as many requests failed.
 */
function followsFailedRequests(metrics: RunMetrics, tags: TagFilter): boolean {
  const failed = EVERY_PROTOCOL.map((protocol) => failedOverTime(protocol, metrics));
  const at = (index: number) => failed.reduce((sum, each) => sum + (each[index] ?? 0), 0);
  let [fails, beyond] = [0, 0];
  for (const [index, { aggregate }] of metrics.timeline('checks', tags).entries()) {
    const own = aggregate === undefined ? 0 : aggregate.count - aggregate.sum;
    fails += own;
    beyond += Math.max(0, own - at(index - 1) - at(index) - at(index + 1));
  }
  return fails > 0 && beyond <= UNEXPLAINED * fails;
}

/** One finding about all failed checks; none if no check failed. */
export function failedChecks(metrics: RunMetrics): Finding[] {
  const checks = metrics
    .groupBy('checks', ['check', 'group'])
    .map(({ tags, aggregate }) => ({
      name: tags.check || NO_NAME,
      tags,
      count: aggregate.count,
      fails: aggregate.count - aggregate.sum,
    }))
    .filter(({ fails }) => fails > 0)
    .sort((a, b) => b.fails / b.count - a.fails / a.count || b.fails - a.fails);
  const [worst] = checks;
  const total = metrics.total('checks');
  if (worst === undefined || total === undefined) return [];
  const fails = total.count - total.sum;
  const lines = checks
    .slice(0, 5)
    .map(
      ({ name, fails: times, count: evaluations }) =>
        `"${oneLine(name)}" failed ${count(times)} of ${plural(evaluations, 'time')} (${percent(times / evaluations)}).`,
    );
  const more = checks.length > 5 ? ` ${plural(checks.length - 5, 'more check')} failed at times.` : '';
  const isExplained = checks.every(({ tags }) => followsFailedRequests(metrics, tags));
  const because = isExplained ? [' At least as many requests failed in the same seconds, which explains it.'] : [];
  return [
    {
      kind: isExplained ? 'checks_of_failed_requests' : 'failed_checks',
      severity: isExplained ? 'low' : severityOf(worst.fails / worst.count),
      title: `${count(fails)} of ${plural(total.count, 'check')} (${percent(fails / total.count)}) failed, most often "${oneLine(worst.name)}"`,
      detail: [`${lines.join(' ')}${more}`, ...because].join(''),
      kpis: [],
    },
  ];
}
