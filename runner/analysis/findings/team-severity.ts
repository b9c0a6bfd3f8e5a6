// Applies the severity that a team declared for a target to everything about it: equal targets, findings of the same
// cause, error logs.

import { FINDING_OF_ERROR, findingKinds } from '../../model/finding-kinds.ts';
import { bySeverity, type Severity, worstSeverity } from '../../model/kpi.ts';
import type { Result, ResultError, ResultFinding, ResultKpi } from '../../model/result.ts';
import { byCause, equalKpis } from './by-cause.ts';

/** Findings that are only about the verdicts of their targets. */
const ABOUT_TARGETS = findingKinds('kpi_missed', 'no_data', 'degraded', 'inconclusive');

/**
 * The result with the declared severities, findings sorted again. A threshold equal to a target takes the target's
 * severity; a finding that explains missed targets takes theirs. Script exceptions keep their severity, because no
 * target is about them.
 */
export function weighedByTeam(result: Result): Result {
  if (!result.kpis.some(isDeclared)) return result;
  const weighed = { ...result, kpis: result.kpis.map((kpi) => asDeclared(kpi, result.kpis)) };
  const severities = new Map<ResultFinding, Severity>();
  for (const { kpis, findings } of byCause(weighed)) {
    const severity = declaredSeverity(kpis);
    if (severity === undefined) continue;
    for (const finding of findings) if (finding.kind !== 'script_exceptions') severities.set(finding, severity);
  }
  const kpiOf = new Map(weighed.kpis.map((kpi) => [kpi.id, kpi]));
  for (const finding of weighed.findings.filter(({ kind }) => ABOUT_TARGETS.has(kind))) {
    const kpis = finding.kpis.flatMap((id) => kpiOf.get(id) ?? []);
    const severity = kpis.every(isDeclared) ? declaredSeverity(kpis) : undefined;
    if (severity !== undefined) severities.set(finding, severity);
  }
  const findings = weighed.findings.map((finding): ResultFinding => {
    const severity = severities.get(finding);
    return severity === undefined ? finding : { ...finding, severity, severity_is_declared: true };
  });
  return { ...weighed, findings: findings.sort(bySeverity) };
}

/** The severity that the team's targets give to errors of this kind; undefined if none of its targets is about them. */
export function teamSeverityOf({ findings }: Result, { kind }: Pick<ResultError, 'kind'>): Severity | undefined {
  const declared = findings.filter(
    (finding) => finding.kind === FINDING_OF_ERROR[kind] && finding.severity_is_declared === true,
  );
  return worstSeverity(declared.map(({ severity }) => severity));
}

function isDeclared({ severity_is_declared: declared }: ResultKpi): boolean {
  return declared === true;
}

/** The worst severity of these targets; undefined if the team declared none of them. */
function declaredSeverity(kpis: readonly ResultKpi[]): Severity | undefined {
  return kpis.some(isDeclared) ? worstSeverity(kpis.map(({ severity }) => severity)) : undefined;
}

function asDeclared(kpi: ResultKpi, all: readonly ResultKpi[]): ResultKpi {
  if (isDeclared(kpi)) return kpi;
  const severity = worstSeverity(
    all.filter((other) => isDeclared(other) && equalKpis(kpi, other)).map((other) => other.severity),
  );
  return severity === undefined ? kpi : { ...kpi, severity, severity_is_declared: true };
}
