// A proposed target for a sentence, with open questions, and its YAML.

import { stringify } from 'yaml';
import type { Comparison } from '../model/kpi.ts';
import type { FoundQuantity } from './quantities.ts';

/** A target in the form of the list `targets` of a PerformanceTargets item. */
export interface ProposedTarget {
  readonly metric: string;
  readonly filter?: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly comparison: Comparison;
  readonly target: number;
  readonly unit?: string;
  readonly load?: { readonly requests_per_second?: number; readonly vus?: number };
  readonly during?: string;
}

/** A proposed target and its open questions. */
export interface Proposal {
  readonly target: ProposedTarget;
  /** Questions that a person has to decide before the target can be used. */
  readonly questions: readonly string[];
}

/** A sentence, and the conditions and questions that apply to all of its quantities. */
export interface Sentence {
  readonly text: string;
  readonly conditions: Pick<ProposedTarget, 'load' | 'during'>;
  readonly questions: readonly string[];
}

/** Proposals as entries of a YAML list, each with its questions as comments above. */
export function proposalsYaml(proposals: readonly Proposal[]): string {
  return proposals
    .map(({ target, questions }) => {
      const comments = questions.map((question) => `# ${question}\n`).join('');
      return comments + stringify([target], { lineWidth: 0 });
    })
    .join('');
}

/** Questions about the number itself. */
export function aboutNumber({ question, before }: FoundQuantity): string[] {
  const isAbout = /(?:\b(?:about|around|approximately|approx\.?|roughly|nearly|ca\.?)|~)\s*$/i.test(before);
  return [
    ...(question === undefined ? [] : [question]),
    ...(isAbout ? ['The number is only approximate: what is the limit?'] : []),
  ];
}

/** The comparison of an upper limit: that of the sentence, or `<=` if it has none or the opposite one. */
export function upper(asked: Comparison | undefined): Comparison {
  return asked === undefined || asked === '>' || asked === '>=' ? '<=' : asked;
}
