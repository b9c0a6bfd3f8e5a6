// A Comparison → report.md, short enough for a comment on a pull request.

import { targetsMet } from '../analysis/result/run-figures.ts';
import type { Comparison } from '../model/comparison.ts';
import { renderMarkdownTemplate } from '../report/markdown.ts';
import type { Templates } from '../report/template-engine.ts';
import { statusMark } from '../report/view/verdict.ts';
import { VERDICTS } from '../report/view/verdict-words.ts';
import { oneLine } from '../text/display-text.ts';
import { plural, utc } from '../text/format.ts';
import { byWeight, changeInterval, changeText, figureName, valueText, whereText } from './figure-texts.ts';
import { overallMark } from './overall-mark.ts';
import { type ComparedResults, comparedTitle } from './view.ts';
import { caveatText, comparisonSentence, historyText, overRunsText, verdictText } from './words.ts';

/** The most rows, so that the text fits into a comment. */
const MOST_ROWS = 16;
const MOST_FINDINGS = 5;

/** The text of report.md. Throws a UserError for a custom template with an error. */
export function renderComparisonMarkdown(
  comparison: Comparison,
  { a, b }: ComparedResults,
  templates: Templates,
): string {
  const rows = byWeight(comparison.metrics);
  const side = (run: Comparison['a'], result: ComparedResults['a']) => ({
    run: oneLine(run.run),
    build: oneLine(run.build_version, 60),
    started: utc(run.started_at),
    word: statusMark(run.status).word,
    targets: targetsMet(result),
  });
  const verdictWord = (target: Comparison['targets'][number]['a']) =>
    target === null ? 'not set' : VERDICTS[target.verdict].word;
  const targets = comparison.targets
    .filter((target) => target.a?.verdict !== target.b?.verdict)
    .map((target) => ({
      expression: oneLine(target.expression, 200),
      a: verdictWord(target.a),
      b: verdictWord(target.b),
    }));
  const titled = (prefix: string, titles: readonly string[]) =>
    titles.slice(0, MOST_FINDINGS).map((title) => `${prefix}: ${oneLine(title, 200)}`);
  const view = {
    mark: overallMark(comparison),
    title: comparedTitle(comparison),
    sentence: comparisonSentence(comparison.metrics),
    a: side(comparison.a, a),
    b: side(comparison.b, b),
    alike: comparison.alike
      ? 'The two runs are comparable'
      : 'The two runs are not comparable: differences may have other causes than the build',
    notes: comparison.notes.map(({ topic, text }) => ({ topic, text: oneLine(text, 300) })),
    rows: rows.slice(0, MOST_ROWS).map((metric) => ({
      where: whereText(metric),
      figure: figureName(metric),
      a: valueText(metric, metric.a.value),
      b: valueText(metric, metric.b.value),
      change: changeText(metric),
      interval: changeInterval(metric),
      word: metric.over_runs === null ? verdictText(metric) : `${verdictText(metric)}; builds: ${overRunsText(metric)}`,
    })),
    further: rows.length > MOST_ROWS ? `${plural(rows.length - MOST_ROWS, 'more figure')} in the report.` : '',
    targets,
    hasTargets: targets.length > 0,
    findings: [
      ...titled('Finding only in b', comparison.findings.new),
      ...titled('Finding only in a', comparison.findings.gone),
    ],
    caveat: [historyText(comparison), caveatText(comparison)].filter((text) => text !== '').join(' '),
  };
  return renderMarkdownTemplate('compare', view, templates);
}
