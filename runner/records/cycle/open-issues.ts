// The active context after a cycle: its standing, and the open issues.

import { distinctKpis } from '../../analysis/findings/by-cause.ts';
import type { ActiveContext } from '../../config/items.ts';
import { isMissedKpi, type Result } from '../../model/result.ts';
import type { NotRun } from '../../model/run.ts';
import { slowerTexts } from '../../report/view/baseline.ts';
import { passedText } from '../../report/view/passed.ts';
import { missedTargets } from '../../text/format.ts';
import { recordLine } from '../../text/record-text.ts';
import type { PerformanceNote } from '../store/item-values.ts';
import { type Standing, withStanding } from '../store/own-sentence.ts';

/** An open issue of novaperf: the item it is about, and its text. */
export interface OpenIssue {
  /** `PerformanceNotes:Catalog_LatencyP95TargetMissed_20261123` or `ErrorLogs:<key>`. */
  readonly item: string;
  readonly text: string;
}

/** The text of an issue about a note. */
export function noteIssue(note: Omit<PerformanceNote, 'progress_id'>): string {
  const { component, scenario, severity, finding_summary: summary, finding_description: description } = note;
  return `${component}/${scenario} ${severity}: ${summary || description}`;
}

/** The text of an issue about an error log. */
export function errorIssue(component: string, summary: string): string {
  return `${component}: ${summary}`;
}

/** An issue as an entry of `open_issues`. */
export function issueText({ item, text }: OpenIssue): string {
  return `${item}: ${recordLine(text, 200)}`;
}

/** The item of an entry of `open_issues` that novaperf wrote; undefined for other entries. */
export function itemOfIssue(entry: unknown): string | undefined {
  return typeof entry === 'string' ? /^((?:PerformanceNotes|ErrorLogs):[^\s:]+): /.exec(entry)?.[1] : undefined;
}

/** The entry with its item renamed, for example after a merge or for a server. Entries that novaperf did not write stay unchanged. */
export function renamedIssue(entry: unknown, rename: (item: string) => string): unknown {
  const item = itemOfIssue(entry);
  return item === undefined || typeof entry !== 'string' ? entry : `${rename(item)}${entry.slice(item.length)}`;
}

export interface ContextChange {
  readonly standing: Standing;
  readonly add: readonly OpenIssue[];
  /** Items that are no longer open, because a newer run of the same scenario replaces them. */
  readonly settled: ReadonlySet<string>;
}

/** The active context with a new standing and changed open issues. Fields and entries of others stay unchanged, in their order. */
export function changedContext(context: ActiveContext, change: ContextChange): ActiveContext {
  // Two scenarios of a cycle may have seen the same error.
  const added = new Map(change.add.map((issue) => [issue.item, issueText(issue)]));
  const kept = (context.open_issues ?? []).filter((entry) => {
    const item = itemOfIssue(entry);
    return item === undefined || !(change.settled.has(item) || added.has(item));
  });
  return { ...withStanding(context, change.standing), open_issues: [...kept, ...added.values()] };
}

/** A cycle in one line: `2 of 3 scenarios passed, 1 slower than its baseline, 1 of 9 targets missed, 1 of them critical`. */
export function summaryOf(input: {
  readonly results: readonly Result[];
  readonly failures: readonly NotRun[];
  readonly interrupted: boolean;
}): string {
  const { results, failures } = input;
  const kpis = results.flatMap(({ kpis }) => distinctKpis(kpis));
  const missed = kpis.filter(isMissedKpi);
  const critical = missed.filter(({ severity }) => severity === 'critical').length;
  const open = kpis.filter(({ verdict }) => verdict === 'inconclusive').length;
  const parts = [
    input.interrupted ? 'interrupted' : '',
    passedText(results, failures.length),
    ...slowerTexts(results),
    kpis.length === 0 ? 'nothing was judged' : missedTargets(missed.length, kpis.length),
    critical > 0 ? `${critical} of them critical` : '',
    open > 0 ? `${open} inconclusive` : '',
    failures.length > 0 ? `${failures.length} did not ${input.interrupted ? 'finish' : 'run'}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
