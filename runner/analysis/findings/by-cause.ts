// Groups the findings and missed targets of a result by cause: what failed, which targets it affects, and how severe it
// is.

import { FAILED_REQUESTS, findingKinds } from '../../model/finding-kinds.ts';
import { bySeverity, type Severity, worstSeverity } from '../../model/kpi.ts';
import { isRequestError } from '../../model/protocols.ts';
import { isMissedKpi, type Result, type ResultFinding, type ResultKpi } from '../../model/result.ts';

export interface CauseGroup {
  readonly severity: Severity;
  /** One sentence with the numbers. */
  readonly title: string;
  /** The main finding: the one that names a cause, otherwise that of the most severe target. */
  readonly lead: ResultFinding | undefined;
  readonly findings: readonly ResultFinding[];
  /** The affected targets, each once, most severe first. */
  readonly kpis: readonly ResultKpi[];
}

/** Findings that repeat a target, or say that nothing can be concluded. */
const SAID_BY_TARGETS = findingKinds('kpi_missed', 'no_data', 'degraded');

/** Findings about the run itself or about uncertainty, which cause nothing. */
const NO_CAUSE = findingKinds('inconclusive', 'within_noise', 'few_samples', 'nothing_judged', 'targets_unread');

/** Failures seen by the client, the most likely cause of the others first. */
const FAILURES = ['script_exceptions', ...FAILED_REQUESTS, 'errors_rose', 'failed_checks'];

/** Load that was not sent; dropped iterations are the same fact. */
const LOAD = ['load_not_reached', 'iterations_not_begun', 'dropped_iterations'];

/**
 * Targets without duplicates, such as a threshold and a ConPort target with the same limit. The one with a record is
 * kept.
 */
export function distinctKpis(kpis: readonly ResultKpi[]): ResultKpi[] {
  const byMeaning = new Map<string, ResultKpi>();
  for (const kpi of kpis) {
    const key = meaningOf(kpi);
    const earlier = byMeaning.get(key);
    if (earlier === undefined || (earlier.origin == null && kpi.origin != null)) byMeaning.set(key, kpi);
  }
  return [...byMeaning.values()];
}

/** Units that only change how a number is written: a share of 0.01 and 1 % are the same limit. */
const FACTORS: Readonly<Record<string, number>> = { '%': 0.01, s: 1000, min: 60_000, '/min': 1 / 60, '/h': 1 / 3600 };

/** True if two targets mean the same. */
export function equalKpis(a: ResultKpi, b: ResultKpi): boolean {
  return meaningOf(a) === meaningOf(b);
}

function meaningOf(kpi: ResultKpi): string {
  const filter = Object.entries(kpi.filter).sort(([a], [b]) => (a < b ? -1 : 1));
  const limit = Number((kpi.target * (FACTORS[kpi.unit] ?? 1)).toPrecision(9));
  // `< 300` and `<= 300` differ by less than a load test can measure.
  const comparison = kpi.comparison.replace(/^([<>])=$/, '$1');
  return JSON.stringify([kpi.metric, filter, kpi.statistic, comparison, limit, kpi.over_ms ?? 0, kpi.during ?? '']);
}

/**
 * The groups, most severe first. Failed requests, the checks that fail with them and the targets on both are one cause.
 * Targets on response times are grouped if they share a probable cause or an endpoint. Findings of severity low are
 * left out unless the team declared it, because they still explain a miss.
 */
export function byCause(result: Result): CauseGroup[] {
  const missed = distinctKpis(result.kpis.filter(isMissedKpi));
  const causes = result.findings.filter(
    ({ kind, severity, severity_is_declared: isDeclared }) =>
      (severity !== 'low' || isDeclared === true) && !SAID_BY_TARGETS.has(kind) && !NO_CAUSE.has(kind),
  );
  const used = new Set<ResultFinding>();
  const groups: CauseGroup[] = [];
  let rest = missed;
  for (const { findings, metrics } of failureFamilies(result, causes)) {
    const broken = rest.filter((kpi) => metrics.includes(kpi.metric) && kpi.verdict === 'fail');
    rest = rest.filter((kpi) => !broken.includes(kpi));
    for (const finding of findings) used.add(finding);
    groups.push(groupOf(result, findings, broken));
  }
  for (const kpis of latencyGroups(result, rest)) {
    const ids = new Set(kpis.map(({ id }) => id));
    const own = causes.filter((finding) => !used.has(finding) && (finding.moved_with ?? []).some((id) => ids.has(id)));
    for (const finding of own) used.add(finding);
    groups.push(groupOf(result, own, kpis));
  }
  for (const finding of causes) if (!used.has(finding)) groups.push(groupOf(result, [finding], []));
  return groups.sort(bySeverity);
}

/**
 * Failures with one cause, and the metrics of the targets that they affect. Checks that fail more often than requests have
 * another cause.
 */
function failureFamilies(result: Result, causes: readonly ResultFinding[]) {
  const ofLoad = causes.filter(({ kind }) => LOAD.includes(kind));
  const found = causes
    .filter(({ kind }) => FAILURES.includes(kind))
    .sort((a, b) => FAILURES.indexOf(a.kind) - FAILURES.indexOf(b.kind));
  const isCheck = ({ kind }: ResultFinding) => kind === 'failed_checks';
  const families =
    checksAreExplained(result) || found.every(isCheck)
      ? [{ findings: found, metrics: ['http_req_failed', 'checks'] }]
      : [
          { findings: found.filter((finding) => !isCheck(finding)), metrics: ['http_req_failed'] },
          { findings: found.filter(isCheck), metrics: ['checks'] },
        ];
  families.push({ findings: ofLoad, metrics: ['dropped_iterations'] });
  return families.filter(({ findings }) => findings.length > 0);
}

/** True if the failed requests of a run can explain all of its failed checks. */
export function checksAreExplained({ errors }: Pick<Result, 'errors'>): boolean {
  const failed = errors.filter(isRequestError).reduce((sum, { count }) => sum + count, 0);
  const checks = errors.filter(({ kind }) => kind === 'check');
  return failed > 0 && checks.every(({ count }) => count <= failed);
}

function latencyGroups(result: Result, kpis: readonly ResultKpi[]): ResultKpi[][] {
  const groups: { readonly by: 'target' | 'cause' | 'endpoint'; readonly key: string; readonly kpis: ResultKpi[] }[] =
    [];
  for (const kpi of kpis) {
    const cause = findingOf(result, kpi)?.probable_cause ?? undefined;
    const isLatency = kpi.verdict === 'fail' && /duration|waiting/.test(kpi.metric);
    const by = !isLatency ? 'target' : cause === undefined ? 'endpoint' : 'cause';
    const key = by === 'target' ? kpi.id : (cause ?? kpi.filter.name ?? '');
    const group = groups.find((each) => each.by === by && each.key === key);
    if (group === undefined) groups.push({ by, key, kpis: [kpi] });
    else group.kpis.push(kpi);
  }
  // All requests together are slow because some are.
  const overall = groups.find(({ by, key }) => by === 'endpoint' && key === '');
  const named = groups.find(({ by, key }) => by === 'endpoint' && key !== '');
  if (overall === undefined || named === undefined) return groups.map((group) => group.kpis);
  named.kpis.push(...overall.kpis);
  return groups.filter((group) => group !== overall).map((group) => group.kpis);
}

/** The finding about this target's miss. */
export function findingOf(result: Result, { id }: ResultKpi): ResultFinding | undefined {
  return result.findings.find(({ kind, kpis }) => SAID_BY_TARGETS.has(kind) && kpis.includes(id));
}

function groupOf(result: Result, findings: readonly ResultFinding[], broken: readonly ResultKpi[]): CauseGroup {
  const kpis = [...broken].sort(bySeverity);
  const [worst] = kpis;
  const lead = findings[0] ?? (worst === undefined ? undefined : findingOf(result, worst));
  return {
    severity: worstSeverity([...kpis, ...findings].map(({ severity }) => severity)) ?? 'low',
    title: lead?.title ?? (worst === undefined ? '' : `${worst.expression} was not met`),
    lead,
    findings,
    kpis,
  };
}

const EXCEPTION = /\b(?:[\w$]+\.)*[A-Z][\w$]*(?:Exception|Error)\b(?:: ?[^\n\r<>"\\]{1,200})?/;

/**
 * The exception named in failed responses, from the most frequent error with one in its samples; undefined if there
 * is none.
 */
export function exceptionInResponses({ errors }: Pick<Result, 'errors'>): string | undefined {
  const byCount = [...errors].sort((a, b) => b.count - a.count);
  for (const { samples, endpoint } of byCount) {
    for (const { response } of samples) {
      const [found] = EXCEPTION.exec(response.body ?? '') ?? [];
      if (found !== undefined) return `${endpoint === '' ? 'responses' : endpoint} answered with ${found.trim()}`;
    }
  }
  return undefined;
}
