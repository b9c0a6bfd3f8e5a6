// Types of the used part of jstat 1.9, which has none.

declare module 'jstat' {
  const jStat: {
    readonly beta: {
      /** The x at which the distribution function of Beta(alpha, beta) is p. */
      inv(p: number, alpha: number, beta: number): number;
    };
    readonly normal: {
      /** The x at which the normal distribution function of this mean and deviation is p. */
      inv(p: number, mean: number, deviation: number): number;
      /** The normal distribution function at x. */
      cdf(x: number, mean: number, deviation: number): number;
    };
    readonly chisquare: {
      /** The x at which the distribution function of chi-square with `df` degrees of freedom is p. */
      inv(p: number, df: number): number;
    };
    readonly studentt: {
      /** The x at which the distribution function of Student's t with `df` degrees of freedom is p. */
      inv(p: number, df: number): number;
      /** The distribution function of Student's t with `df` degrees of freedom at x. */
      cdf(x: number, df: number): number;
    };
  };
  export default jStat;
}
