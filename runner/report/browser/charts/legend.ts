// The legend of an interactive chart, with the values at the cursor. A click on an entry hides its series.

import type { Ink } from '../../charts/ink.ts';

export interface LegendEntry {
  readonly name: string;
  readonly ink: Ink;
  readonly dash: readonly number[];
  readonly isArea: boolean;
}

/** A line or box in the CSS variable of the ink, so that it follows the theme. */
function swatch({ ink, dash, isArea }: LegendEntry): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 18 10');
  svg.setAttribute('class', 'swatch');
  svg.setAttribute('aria-hidden', 'true');
  shape.setAttribute('d', isArea ? 'M1 1h16v8H1z' : 'M0 5h18');
  shape.setAttribute(isArea ? 'fill' : 'stroke', `var(--ink-${ink.toLowerCase()})`);
  if (!isArea) {
    shape.setAttribute('stroke-width', '2.5');
    if (dash.length > 0) shape.setAttribute('stroke-dasharray', dash.join(' '));
  }
  svg.append(shape);
  return svg;
}

/** The legend of one chart. */
export class Legend {
  readonly element = document.createElement('div');
  readonly #entries = document.createElement('div');
  readonly #moment = document.createElement('span');
  readonly #readings: HTMLElement[] = [];

  constructor() {
    this.element.className = 'live-legend';
    this.#entries.className = 'live-entries';
    this.#moment.className = 'live-moment';
    this.element.append(this.#entries, this.#moment);
  }

  /** Shows entries. `toggle` is called with the index of a clicked one; without it entries are no buttons. */
  show(entries: readonly LegendEntry[], hidden: ReadonlySet<string>, toggle?: (index: number) => void): void {
    this.#readings.length = 0;
    this.#entries.replaceChildren(
      ...entries.map((entry, index) => {
        const item = document.createElement(toggle === undefined ? 'span' : 'button');
        const [name, reading] = [document.createElement('span'), document.createElement('span')];
        item.className = 'live-entry';
        name.className = 'live-name';
        name.textContent = entry.name;
        reading.className = 'live-reading';
        item.append(swatch(entry), name, reading);
        this.#readings.push(reading);
        if (item instanceof HTMLButtonElement) {
          item.type = 'button';
          item.setAttribute('aria-pressed', String(!hidden.has(entry.name)));
          item.addEventListener('click', () => toggle?.(index));
        }
        return item;
      }),
    );
  }

  /** Shows the cursor's time and the value of each entry; '' for none. Their space is reserved, so nothing moves. */
  read(moment: string, readings: readonly string[]): void {
    this.#moment.textContent = moment;
    this.#readings.forEach((reading, index) => {
      reading.textContent = readings[index] ?? '';
    });
  }

  /** Time and values in one sentence, for screen readers. */
  get text(): string {
    const entries = [...this.#entries.children].map((entry) =>
      [...entry.children]
        .map((part) => part.textContent)
        .join(' ')
        .trim(),
    );
    return [this.#moment.textContent ?? '', ...entries].filter((text) => text !== '').join(', ');
  }
}
