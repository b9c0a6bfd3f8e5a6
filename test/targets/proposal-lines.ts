import { proposeTargets } from '../../runner/targets/propose.ts';

/** The proposals of a sentence: `metric{tags} statistic comparison target unit @load`, with ? for each question. */
export function proposalLines(sentence: string): string[] {
  return proposeTargets(sentence).map(({ target, questions }) => {
    const tags = Object.entries(target.filter ?? {}).map(([key, value]) => `${key}:${value}`);
    const load = [target.load?.requests_per_second, target.load?.vus && `${target.load.vus} VUs`]
      .filter(Boolean)
      .join(', ');
    const text =
      `${target.metric}{${tags}} ${target.statistic} ${target.comparison} ${target.target} ${target.unit ?? ''}`.trim();
    return `${text}${load === '' ? '' : ` @${load}`}${'?'.repeat(questions.length)}`;
  });
}
