// novaperf writes one sentence per component and environment into state_of_the_union, in brackets, and leaves the rest to the project.

import { z } from 'zod';
import type { ActiveContext } from '../../config/items.ts';
import { recordLine } from '../../text/record-text.ts';
import { serverItem } from './server-names.ts';
import type { SyncMap } from './sync-map.ts';

/** The state of one component's performance on one environment, from which the sentence is made. */
export const standingSchema = z.looseObject({
  component: z.string(),
  environment: z.string(),
  build_version: z.string(),
  /** ISO 8601 */
  ended_at: z.string(),
  /** `2 of 3 scenarios passed, 1 of 9 targets missed` */
  summary: z.string(),
  /** Status of the main progress item. */
  status: z.string(),
  progress_id: z.number().int(),
  /** `TestExecutionReports:<key>`; null without a report. */
  report: z.string().nullable(),
  cycle_key: z.string().optional(),
});

export type Standing = z.infer<typeof standingSchema>;

function plain(text: string, longest?: number): string {
  return recordLine(text.replaceAll('[', '(').replaceAll(']', ')'), longest);
}

function subjectOf({ component, environment }: Pick<Standing, 'component' | 'environment'>): string {
  return `Performance of ${plain(component)} on ${plain(environment)}`;
}

/** The sentence; with `names` it has the numbers and keys of the server. */
export function sentenceOf(standing: Standing, names?: SyncMap): string {
  const { progress_id: id, report } = standing;
  const progress = names?.progress[id]?.server_id ?? id;
  const key = report === null ? '' : `; ${names === undefined ? report : serverItem(names, report)}`;
  const day = standing.ended_at.slice(0, 16).replace('T', ' ');
  const build = standing.build_version === '' ? '' : `, build ${plain(standing.build_version)}`;
  return `[${subjectOf(standing)}${build} (${day} UTC): ${plain(standing.summary, 800)}. Progress ${progress} is ${standing.status}${key}.]`;
}

/** A text with the sentence, which replaces the earlier one of the same component and environment or is added at the end. */
export function withSentence(text: string, standing: Standing, sentence: string): string {
  const start = `[${subjectOf(standing)}`;
  for (let from = text.indexOf(start); from >= 0; from = text.indexOf(start, from + 1)) {
    // Not the sentence of a subject with a longer name, such as `Catalog on demo-2`.
    if (!/^[, ]/.test(text.slice(from + start.length))) continue;
    const end = text.indexOf(']', from);
    return text.slice(0, from) + sentence + (end < 0 ? '' : text.slice(end + 1));
  }
  return text.trim() === '' ? sentence : `${text.trimEnd()} ${sentence}`;
}

/** The valid standings of an active context. */
export function standingsOf({ performance }: ActiveContext): Standing[] {
  if (!Array.isArray(performance)) return [];
  return performance.flatMap((entry) => standingSchema.safeParse(entry).data ?? []);
}

/** The active context with a new standing, as data and as a sentence. */
export function withStanding(context: ActiveContext, standing: Standing): ActiveContext {
  const others = standingsOf(context).filter((each) => subjectOf(each) !== subjectOf(standing));
  return {
    ...context,
    state_of_the_union: withSentence(context.state_of_the_union ?? '', standing, sentenceOf(standing)),
    performance: [...others, standing],
  };
}
