// Finite numbers go in; their sum comes out as if it had been computed with twice the digits (Neumaier 1974).

/** What `sum + value` loses in rounding. */
export function lostIn(sum: number, value: number): number {
  const rounded = sum + value;
  return Math.abs(sum) >= Math.abs(value) ? sum - rounded + value : value - rounded + sum;
}

/** A rounded sum with all that it lost; the largest finite double where it would be infinite. */
export function compensated(sum: number, lost: number): number {
  const whole = Number.isFinite(sum) ? sum + lost : sum;
  return Math.min(Math.max(whole, -Number.MAX_VALUE), Number.MAX_VALUE);
}

export class CompensatedSum {
  #sum = 0;
  #lost = 0;

  /** Adds one finite number. */
  add(value: number): void {
    this.#lost += lostIn(this.#sum, value);
    this.#sum += value;
  }

  /** Adds another sum with its compensation. */
  merge(other: CompensatedSum): void {
    this.add(other.#sum);
    if (Number.isFinite(other.#lost)) this.add(other.#lost);
  }

  /** The sum within 2 ulps of the sum of magnitudes; the largest finite double where it would be infinite. */
  get value(): number {
    return compensated(this.#sum, this.#lost);
  }
}
