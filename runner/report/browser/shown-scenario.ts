// The k6 scenario that the page is filtered by. The select above the charts sets it, charts and numbers follow it.

/** A k6 scenario of the page. */
export interface ShownScenario {
  readonly name: string;
  /** Its index among the scenarios of the page. */
  readonly index: number;
}

type Listener = () => void;

class Scenario {
  #current: ShownScenario | undefined;
  readonly #listeners = new Set<Listener>();

  /** The scenario; undefined for all. */
  get current(): ShownScenario | undefined {
    return this.#current;
  }

  /** Selects a scenario, or all with undefined. */
  set(scenario: ShownScenario | undefined): void {
    if (scenario?.index === this.#current?.index) return;
    this.#current = scenario;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each change. */
  onChange(listener: Listener): void {
    this.#listeners.add(listener);
  }
}

/** The one filter of the page. */
export const shownScenario = new Scenario();
