// How often a property is tried: all of it in `npm test`, a tenth in `npm run test:quick`.

/** The number of cases for fast-check, given the number that `npm test` tries. */
export function propertyRuns(all: number): number {
  return process.env.NOVAPERF_TEST_QUICK ? Math.max(20, Math.round(all / 10)) : all;
}
