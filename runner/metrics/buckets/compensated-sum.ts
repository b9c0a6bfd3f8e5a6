// Adds up finite numbers as if with twice the digits (Neumaier's summation, 1974).

/** The rounding error of `sum + value`. */
export function roundingError(sum: number, value: number): number {
  const rounded = sum + value;
  return Math.abs(sum) >= Math.abs(value) ? sum - rounded + value : value - rounded + sum;
}

/** A rounded sum plus its collected rounding errors, capped at the largest finite double. */
export function compensated(sum: number, lost: number): number {
  const whole = Number.isFinite(sum) ? sum + lost : sum;
  return Math.min(Math.max(whole, -Number.MAX_VALUE), Number.MAX_VALUE);
}

/** A running sum that keeps its rounding errors and adds them at the end. */
export class CompensatedSum {
  #sum = 0;
  #lost = 0;

  /** Adds one finite number. */
  add(value: number): void {
    this.#lost += roundingError(this.#sum, value);
    this.#sum += value;
  }

  /** Adds another sum, including its rounding errors. */
  merge(other: CompensatedSum): void {
    this.add(other.#sum);
    if (Number.isFinite(other.#lost)) this.add(other.#lost);
  }

  /** The sum, within 2 ulps of the sum of magnitudes, capped at the largest finite double. */
  get value(): number {
    return compensated(this.#sum, this.#lost);
  }
}
