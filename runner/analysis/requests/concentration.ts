// Finds the endpoint that most failures of a run come from.

import type { RunMetrics, TagFilter } from '../../model/metrics.ts';
import { oneLine } from '../../text/display-text.ts';
import { percent } from '../../text/format.ts';

/** An endpoint is named if it has this share of the failures and at most half of that share of the requests. */
const CONCENTRATED = 0.6;

/** With more names than this, endpoints are not searched. */
const MOST_NAMES = 500;

interface Source {
  readonly name: string;
  /** Its share of the failures and of all requests, 0 to 1. */
  readonly share: number;
  readonly ofRequests: number;
  readonly requests: number;
}

/** The endpoint with most of the failures but few of the requests; undefined if failures are spread. */
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
