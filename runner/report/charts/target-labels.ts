// The positions of target labels: those of lines close to each other are side by side. Used in Node and in the browser.

interface Label {
  readonly y: number;
  readonly width: number;
}

/** The right end of each label, at most `right`. `height`: of a label, `gap`: between two labels; all in pixels. */
export function rightEnds(labels: readonly Label[], right: number, height: number, gap: number): number[] {
  const ends: number[] = [];
  for (const { y } of labels) {
    const lefts = labels.flatMap((other, at) =>
      at < ends.length && Math.abs(other.y - y) < height ? [(ends[at] ?? right) - other.width - gap] : [],
    );
    ends.push(Math.min(right, ...lefts));
  }
  return ends;
}
