// Number of cases of a property: all in `npm test`, a tenth in `npm run test:quick`; NOVAPERF_TEST_RUNS multiplies it.

/** The number of cases for fast-check; `npm test` tries the given number. */
export function propertyRuns(all: number): number {
  const times = Number(process.env.NOVAPERF_TEST_RUNS ?? 1);
  return process.env.NOVAPERF_TEST_QUICK ? Math.max(20, Math.round(all / 10)) : all * times;
}
