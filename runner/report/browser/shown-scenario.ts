// The k6 scenario that the page is filtered by: charts and numbers follow it, the choice above the charts sets it.

export interface ShownScenario {
  readonly name: string;
  /** Its place among the scenarios of the page. */
  readonly index: number;
}

type Listener = () => void;

class Scenario {
  #current: ShownScenario | undefined;
  readonly #listeners = new Set<Listener>();

  /** undefined: all of them. */
  get current(): ShownScenario | undefined {
    return this.#current;
  }

  set(scenario: ShownScenario | undefined): void {
    if (scenario?.index === this.#current?.index) return;
    this.#current = scenario;
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: Listener): void {
    this.#listeners.add(listener);
  }
}

/** The one filter of the page. */
export const shownScenario = new Scenario();
