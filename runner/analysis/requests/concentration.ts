// The endpoint that most failures of a run come from, where one stands out.

import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { oneLine } from '../../text/display-text.ts';
import { percent } from '../../text/format.ts';

/** An endpoint with this share of the failures, and at most half as large a share of the requests, is named. */
const CONCENTRATED = 0.6;

/** More names than this are not asked one by one. */
const MOST_NAMES = 500;

interface Source {
  readonly name: string;
  /** Of the failures, and of all requests; 0 to 1. */
  readonly share: number;
  readonly ofRequests: number;
  readonly requests: number;
}

/** The endpoint that most failures come from, with few of the requests; undefined where the failures are spread. */
export function concentration(
  metrics: RunMetrics,
  failed: number,
  failuresOf: (tags: TagFilter) => number,
): Source | undefined {
  const all = metrics.total('http_reqs')?.sum ?? 0;
  const names = metrics.groupBy('http_reqs', ['name']);
  if (names.length < 2 || names.length > MOST_NAMES) return undefined;
  for (const { tags, aggregate } of names) {
    const name = tags.name ?? '';
    if (name === '') continue;
    const share = failuresOf({ name }) / failed;
    const ofRequests = aggregate.sum / all;
    if (share < CONCENTRATED || ofRequests > share / 2) continue;
    return { name, share, ofRequests, requests: aggregate.sum };
  }
  return undefined;
}

/** `93 % of them are from "GET /x", which has 20 % of the requests.` */
export function concentrationText({ name, share, ofRequests }: Source): string {
  return `${percent(share)} of them are from "${oneLine(name)}", which has ${percent(ofRequests)} of the requests.`;
}
