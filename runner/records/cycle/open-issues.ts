// The active context before a cycle becomes the one after it: where things stand, and what is still open.

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

/** An open issue of ours: `PerformanceNotes:<key>` or `ErrorLogs:<key>`, then what it is. */
export interface OpenIssue {
  /** `PerformanceNotes:Catalog_LatencyP95TargetMissed_20261123` */
  readonly item: string;
  readonly says: string;
}

/** What an issue says of a note. */
export function noteIssue(note: Omit<PerformanceNote, 'progress_id'>): string {
  const { component, scenario, severity, finding_summary: summary, finding_description: description } = note;
  return `${component}/${scenario} ${severity}: ${summary || description}`;
}

/** What an issue says of an error log. */
export function errorIssue(component: string, summary: string): string {
  return `${component}: ${summary}`;
}

/** The issue as one entry of `open_issues`. */
export function issueText({ item, says }: OpenIssue): string {
  return `${item}: ${recordLine(says, 200)}`;
}

/** The item that an entry of ours is about; undefined for an entry that somebody else wrote. */
export function itemOfIssue(entry: unknown): string | undefined {
  return typeof entry === 'string' ? /^((?:PerformanceNotes|ErrorLogs):[^\s:]+): /.exec(entry)?.[1] : undefined;
}

/** The same entry of an item that has another name elsewhere: on a server, or after a merge. Entries of others stay as they are. */
export function renamedIssue(entry: unknown, rename: (item: string) => string): unknown {
  const item = itemOfIssue(entry);
  return item === undefined || typeof entry !== 'string' ? entry : `${rename(item)}${entry.slice(item.length)}`;
}

export interface ContextChange {
  readonly standing: Standing;
  readonly add: readonly OpenIssue[];
  /** Items that are no longer open: a newer run of the same scenario says better. */
  readonly settled: ReadonlySet<string>;
}

/** Other people's fields and entries stay as they are, and in their places. */
export function changedContext(context: ActiveContext, change: ContextChange): ActiveContext {
  // Two scenarios of a cycle may have met the same error.
  const added = new Map(change.add.map((issue) => [issue.item, issueText(issue)]));
  const kept = (context.open_issues ?? []).filter((entry) => {
    const item = itemOfIssue(entry);
    return item === undefined || !(change.settled.has(item) || added.has(item));
  });
  return { ...withStanding(context, change.standing), open_issues: [...kept, ...added.values()] };
}

/** `2 of 3 scenarios passed, 1 slower than its baseline, 1 of 9 targets missed, 1 of them critical`. */
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
