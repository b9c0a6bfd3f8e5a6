// Finite numbers go in; their sum comes out as if it had been computed with twice the digits (Neumaier 1974).

export class CompensatedSum {
  #sum = 0;
  #lost = 0;

  /** Adds one finite number. */
  add(value: number): void {
    const sum = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum;
    this.#sum = sum;
  }

  /** Adds another sum with its compensation. */
  merge(other: CompensatedSum): void {
    this.add(other.#sum);
    if (Number.isFinite(other.#lost)) this.add(other.#lost);
  }

  /** The sum within 2 ulps of the sum of magnitudes; the largest finite double where it would be infinite. */
  get value(): number {
    const sum = Number.isFinite(this.#sum) ? this.#sum + this.#lost : this.#sum;
    return Math.min(Math.max(sum, -Number.MAX_VALUE), Number.MAX_VALUE);
  }
}
