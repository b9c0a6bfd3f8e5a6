// Limits the endpoints and checks in result.json; the others are added up. If every URL contains an id, every request
// is an endpoint, and the document would have megabytes. The archive has all of them.

import type { Result, ResultEndpoint } from '../../model/result.ts';
import { summedByStatus } from './assemble-endpoints.ts';

const MOST_ROWS = 1000;
/** Of the kept rows, the number kept for their failures, and for their response times. */
const WORST_ROWS = 100;
/** Limit for all rows of a table as JSON, because names may be long. */
const MOST_CHARACTERS = 600_000;

type LeftOut = NonNullable<Result['left_out']>;
type Check = Result['checks'][number];

interface Listed<Row> {
  readonly listed: Row[];
  readonly others: Row[];
}

/** The first rows, plus those of the others that rank highest by each of `ranks`; in the order of `rows`. */
function select<Row>(rows: readonly Row[], ranks: ReadonlyArray<(row: Row) => number>): Listed<Row> {
  const chosen = new Set(rows.slice(0, MOST_ROWS - (rows.length > MOST_ROWS ? ranks.length * WORST_ROWS : 0)));
  for (const rank of ranks) {
    const rest = rows.filter((row) => !chosen.has(row) && rank(row) > 0).sort((a, b) => rank(b) - rank(a));
    for (const row of rest.slice(0, WORST_ROWS)) chosen.add(row);
  }
  let characters = 0;
  for (const row of chosen) {
    const { length } = JSON.stringify(row);
    if (characters + length > MOST_CHARACTERS) chosen.delete(row);
    else characters += length;
  }
  return { listed: rows.filter((row) => chosen.has(row)), others: rows.filter((row) => !chosen.has(row)) };
}

/**
 * The busiest endpoints, and of the others those with most failures and the slowest; at most 1,000. `endpoints`:
 * busiest first.
 */
export function listedEndpoints(endpoints: readonly ResultEndpoint[]): {
  readonly listed: ResultEndpoint[];
  readonly leftOut: LeftOut['endpoints'];
} {
  const { listed, others } = select(endpoints, [({ failed }) => failed, ({ p95 }) => p95 ?? 0]);
  const protocols = [...new Set(others.map(({ protocol }) => protocol))];
  const leftOut = protocols.map((protocol) =>
    addedUp(
      others.filter((each) => each.protocol === protocol),
      protocol,
    ),
  );
  return { listed, leftOut };
}

function addedUp(rows: readonly ResultEndpoint[], protocol: ResultEndpoint['protocol']): LeftOut['endpoints'][number] {
  const sum = (figure: (row: ResultEndpoint) => number | null) =>
    rows.reduce((total, row) => total + (figure(row) ?? 0), 0);
  return {
    protocol,
    rows: rows.length,
    requests: sum(({ requests }) => requests),
    rate_per_s: sum(({ rate_per_s }) => rate_per_s),
    failed: sum(({ failed }) => failed),
    statuses: summedByStatus(rows.flatMap(({ statuses }) => Object.entries(statuses))),
  };
}

/** The first 1,000 checks, which failed most often. */
export function listedChecks(checks: readonly Check[]): { readonly listed: Check[]; readonly leftOut: number } {
  const { listed, others } = select(checks, []);
  return { listed, leftOut: others.length };
}
