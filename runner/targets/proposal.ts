// A target that a sentence may mean, with what a person has to decide about it, and its YAML.

import { stringify } from 'yaml';
import type { Comparison } from '../model/kpi.ts';
import type { FoundQuantity } from './quantities.ts';

/** A target as it would stand in the list `targets` of a PerformanceTargets item. */
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

export interface Proposal {
  readonly target: ProposedTarget;
  /** What a person has to decide before it can be used; empty where the sentence says it all. */
  readonly questions: readonly string[];
}

/** What the whole sentence says about each of its quantities. */
export interface Sentence {
  readonly text: string;
  readonly conditions: Pick<ProposedTarget, 'load' | 'during'>;
  readonly questions: readonly string[];
}

/** Proposals as the entries of a YAML list, each with its questions as comments above. */
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

/** The comparison of a limit from above; a sentence that says none, or the contrary, means at most. */
export function upper(asked: Comparison | undefined): Comparison {
  return asked === undefined || asked === '>' || asked === '>=' ? '<=' : asked;
}
