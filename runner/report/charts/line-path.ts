// Places in pixels → the `d` of an SVG path: lines, step lines, areas, dots. A gap interrupts a line.

/** A point in pixels; undefined for a gap. */
export type Place = readonly [x: number, y: number] | undefined;

/** Writes relative steps, which are shorter than absolute places. Steps are whole tenths of a pixel, so rounding errors do not add up. */
class PathWriter {
  text = '';
  #x = 0;
  #y = 0;
  #command = '';

  move(x: number, y: number): void {
    this.#x = Math.round(x * 10);
    this.#y = Math.round(y * 10);
    this.text += `M${tenths(this.#x)}${separated(tenths(this.#y))}`;
    this.#command = 'M';
  }

  line(x: number, y: number): void {
    const [toX, toY] = [Math.round(x * 10), Math.round(y * 10)];
    const first = tenths(toX - this.#x);
    this.text += `${this.#command === 'l' ? separated(first) : `l${first}`}${separated(tenths(toY - this.#y))}`;
    this.#command = 'l';
    [this.#x, this.#y] = [toX, toY];
  }

  close(): void {
    this.text += 'z';
    this.#command = 'z';
  }

  /** A line of a tenth of a pixel, which is drawn as a dot; a line without length would be invisible. */
  dot(x: number, y: number): void {
    this.move(x, y);
    this.text += 'h.1';
    this.#command = 'h';
    this.#x += 1;
  }
}

/** Tenths as a decimal: 5 → .5, -12 → -1.2, 20 → 2. */
function tenths(value: number): string {
  if (value % 10 === 0) return String(value / 10);
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  return size < 10 ? `${sign}.${size}` : `${sign}${Math.floor(size / 10)}.${size % 10}`;
}

/** With a space before a number that needs one after the previous number. */
function separated(number: string): string {
  return number.startsWith('-') ? number : ` ${number}`;
}

function stretchesOf(places: readonly Place[]): Array<Array<readonly [number, number]>> {
  const stretches: Array<Array<readonly [number, number]>> = [];
  let open: Array<readonly [number, number]> | undefined;
  for (const place of places) {
    if (place === undefined) open = undefined;
    else if (open === undefined) {
      open = [place];
      stretches.push(open);
    } else open.push(place);
  }
  return stretches;
}

/** A line through places; a place between two gaps is a dot. */
export function linePath(places: readonly Place[]): string {
  const writer = new PathWriter();
  for (const [first, ...rest] of stretchesOf(places)) {
    if (first === undefined) continue;
    if (rest.length === 0) writer.dot(...first);
    else {
      writer.move(...first);
      for (const place of rest) writer.line(...place);
    }
  }
  return writer.text;
}

/** A line with steps half way between places, for counts. */
export function stepPath(places: readonly Place[]): string {
  return linePath(
    places.flatMap((place, index) => {
      const next = places[index + 1];
      if (place === undefined || next === undefined) return [place];
      const middle = (place[0] + next[0]) / 2;
      return [place, [middle, place[1]] as const, [middle, next[1]] as const];
    }),
  );
}

/** The area between an upper and a lower edge; it has the gaps of the upper edge. */
export function areaPath(upper: readonly Place[], lowerY: readonly number[]): string {
  const writer = new PathWriter();
  let back: Array<readonly [number, number]> = [];
  const end = () => {
    for (const place of back.reverse()) writer.line(...place);
    if (back.length > 0) writer.close();
    back = [];
  };
  for (const [index, place] of upper.entries()) {
    if (place === undefined) {
      end();
      continue;
    }
    if (back.length === 0) writer.move(...place);
    else writer.line(...place);
    back.push([place[0], lowerY[index] ?? place[1]]);
  }
  end();
  return writer.text;
}

/** A dot at every place. The caller draws them with round ends, as thick as the dots should be. */
export function dotsPath(places: readonly Place[]): string {
  const writer = new PathWriter();
  for (const place of places) if (place !== undefined) writer.dot(...place);
  return writer.text;
}

/** Separate straight lines. */
export function strokesPath(strokes: ReadonlyArray<readonly [x1: number, y1: number, x2: number, y2: number]>): string {
  const writer = new PathWriter();
  for (const [x1, y1, x2, y2] of strokes) {
    writer.move(x1, y1);
    writer.line(x2, y2);
  }
  return writer.text;
}

/** Closed polygons. */
export function shapesPath(shapes: ReadonlyArray<ReadonlyArray<readonly [number, number]>>): string {
  const writer = new PathWriter();
  for (const [first, ...rest] of shapes) {
    if (first === undefined) continue;
    writer.move(...first);
    for (const place of rest) writer.line(...place);
    writer.close();
  }
  return writer.text;
}
