// How often a property is tried: all of it in `npm test`, a tenth in `npm run test:quick`, NOVAPERF_TEST_RUNS times as often by hand.

/** The number of cases for fast-check, given the number that `npm test` tries. */
export function propertyRuns(all: number): number {
  const times = Number(process.env.NOVAPERF_TEST_RUNS ?? 1);
  return process.env.NOVAPERF_TEST_QUICK ? Math.max(20, Math.round(all / 10)) : all * times;
}
