// Results → comment.md: the short report for a comment on a pull or merge request, and for GitHub's step summary.

import { figureTexts, targetsMet } from '../analysis/result/run-figures.ts';
import { isOfBaseline } from '../model/finding-kinds.ts';
import { type Result, type ResultFinding, RUN_STATUSES } from '../model/result.ts';
import { oneLine, sentence } from '../text/display-text.ts';
import { plural } from '../text/format.ts';
import { pathName } from '../text/path-name.ts';
import { profileAfterName, profileName } from '../text/profile-name.ts';
import { escapeMarkdown, renderMarkdownTemplate } from './markdown.ts';
import { loadTemplates, type Templates } from './template-engine.ts';
import { baselineRows, baselineTitle } from './view/baseline.ts';
import { findingRows } from './view/findings.ts';
import { kpiRows } from './view/kpis.ts';
import { passedText } from './view/passed.ts';
import { failedByRegression, reasonSentence, statusMark } from './view/verdict.ts';

/** GitHub's limit for a comment is 65,536 characters; GitLab's is 1,000,000. */
export const COMMENT_LIMIT = 65_536;

/** How much is shown, from everything people read to little more than the verdict. The first size that fits is used. */
const SIZES = [
  { runs: 100, missed: 20, met: 50, findings: 5, detail: 160 },
  { runs: 100, missed: 10, met: 10, findings: 3, detail: 120 },
  { runs: 50, missed: 5, met: 0, findings: 2, detail: 80 },
  { runs: 20, missed: 2, met: 0, findings: 1, detail: 60 },
  { runs: 10, missed: 0, met: 0, findings: 0, detail: 40 },
] as const;

type Size = (typeof SIZES)[number];

/** As an entity, because the character itself would be invisible in this file. */
const ZERO_WIDTH_SPACE = '&#8203;';

/**
 * Markdown that stays plain text in a comment. On GitHub and GitLab @name would notify people, #1 and !1 would link to issues, a URL
 * would become a link and $…$ a formula. A zero-width space prevents it, as in comments of Dependabot and Renovate.
 */
export function escapeComment(text: string): string {
  return escapeMarkdown(text)
    .replaceAll('@', `@${ZERO_WIDTH_SPACE}`)
    .replaceAll('\\#', `\\#${ZERO_WIDTH_SPACE}`)
    .replaceAll('\\!', `\\!${ZERO_WIDTH_SPACE}`)
    .replaceAll('://', `:${ZERO_WIDTH_SPACE}//`)
    .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}${ZERO_WIDTH_SPACE}.`)
    .replaceAll('$', '&#36;');
}

/** The hidden first line by which a bot finds its earlier comment. Its names have only letters, digits, dots, dashes and underscores. */
export function commentMarker(results: readonly Result[], of: 'run' | 'cycle'): string {
  const distinct = (values: readonly string[]) =>
    [...new Set(values)]
      .sort()
      .map((value) => pathName(value, 60).replace(/-{2,}/g, '-'))
      .slice(0, 5)
      .join(' ');
  const names = of === 'run' ? results.map(({ scenario }) => scenario) : results.map(({ component }) => component);
  return `<!-- novaperf ${of} ${distinct(names)} ${distinct(results.map(({ profile }) => profile))} -->`;
}

/** The figures that changed since the baseline; null without a baseline. */
function baselineView({ baseline }: Result, size: Size) {
  if (baseline === undefined) return null;
  const changed = baselineRows(baseline).filter(({ isChanged }) => isChanged);
  const rows = changed.slice(0, size.missed).map((row) => ({ ...row, what: oneLine(row.what, size.detail) }));
  return { title: oneLine(baselineTitle(baseline), size.detail * 3), rows, hasRows: rows.length > 0 };
}

/** Whether the reason, the table of targets or the line on the baseline states it already. */
function isStatedAbove(finding: Pick<ResultFinding, 'kind'>): boolean {
  return finding.kind === 'kpi_missed' || finding.kind === 'capacity' || isOfBaseline(finding);
}

/** '' if the run failed by its regression: the line on the baseline, which follows, says so. */
function reasonOf(result: Result, size: Size): string {
  return failedByRegression(result) ? '' : reasonSentence(result, result.status_reason, size.detail * 3);
}

/** What a run shows in every size. */
function rowsOf(result: Result) {
  const rows = kpiRows(result);
  return { result, rows, findings: findingRows(result, rows).filter((finding) => !isStatedAbove(finding)) };
}

function runView({ result, rows, findings }: ReturnType<typeof rowsOf>, size: Size) {
  const [open, met] = [rows.filter(({ tone }) => tone !== 'good'), rows.filter(({ tone }) => tone === 'good')];
  const cell = ({ word, name, filter, target, actual, margin, interval, confidence }: (typeof rows)[number]) => ({
    word,
    name: oneLine(name, size.detail),
    filter: oneLine(filter, size.detail),
    target,
    actual,
    margin,
    interval,
    confidence,
  });
  const more = (all: number, shown: number, what: string) =>
    all > shown ? `${plural(all - shown, `more ${what}`, `more ${what}s`)} in the report` : '';
  return {
    ...statusMark(result.status),
    ...figureTexts(result),
    scenario: oneLine(result.scenario, size.detail),
    profile: profileName(result.profile),
    reason: reasonOf(result, size),
    partial: result.partial,
    build: oneLine(result.build_version, 60),
    environment: oneLine(result.environment, 60),
    targets: targetsMet(result),
    run: oneLine(result.run, 120),
    baseline: baselineView(result, size),
    missed: open.slice(0, size.missed).map(cell),
    hasMissed: Math.min(open.length, size.missed) > 0,
    hasIntervals: rows.some(({ hasInterval }) => hasInterval),
    moreMissed: more(open.length, size.missed, 'target'),
    met: met.slice(0, size.met).map(cell),
    hasMet: Math.min(met.length, size.met) > 0,
    metCount: plural(met.length, 'target'),
    moreMet: more(met.length, size.met, 'target'),
    findings: findings
      .slice(0, size.findings)
      .map(({ word, title }) => ({ word, title: oneLine(title, size.detail * 2) })),
    hasFindings: Math.min(findings.length, size.findings) > 0,
    moreFindings: more(findings.length, size.findings, 'finding'),
  };
}

export interface CommentFacts {
  readonly of: 'run' | 'cycle';
  /** One sentence for each scenario that could not run. */
  readonly failures: readonly string[];
}

/** The text of comment.md, worst runs first. It is always shorter than COMMENT_LIMIT. */
export function renderComment(
  results: readonly Result[],
  { of, failures }: CommentFacts,
  templates: Templates = loadTemplates(),
): string {
  const worstFirst = [...results].sort((a, b) => RUN_STATUSES.indexOf(a.status) - RUN_STATUSES.indexOf(b.status));
  const only = of === 'run' ? worstFirst[0] : undefined;
  const isSound = results.every(({ status }) => status === 'pass' || status === 'unjudged');
  const worst = failures.length > 0 && isSound ? 'error' : worstFirst[0]?.status;
  const marker = commentMarker(results, of);
  const runs = worstFirst.slice(0, SIZES[0].runs).map(rowsOf);
  for (const size of SIZES) {
    const view = {
      heading:
        only === undefined
          ? `${statusMark(worst ?? 'error').word}: ${passedText(results, failures.length)}`
          : `${statusMark(only.status).word}: ${oneLine(only.scenario, 100)}${profileAfterName(only.profile)}`,
      isOne: results.length === 1,
      runs: runs.slice(0, size.runs).map((run) => runView(run, size)),
      moreRuns: results.length > size.runs ? plural(results.length - size.runs, 'more scenario') : '',
      failures: failures.slice(0, size.runs).map((failure) => oneLine(failure, size.detail * 2)),
      hasFailures: failures.length > 0,
    };
    const text = `${marker}\n${renderMarkdownTemplate('comment', view, templates, escapeComment)}`;
    if (text.length < COMMENT_LIMIT) return text;
  }
  return `${marker}\n### ${sentence(passedText(results, failures.length))}\n`;
}
