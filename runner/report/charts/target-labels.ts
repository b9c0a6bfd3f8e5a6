// Where the labels of target lines end on the right: those of lines close to one another stand side by side. Used for SVG and in the page.

interface Label {
  readonly y: number;
  readonly width: number;
}

/** The right end of each label, at most `right`; `height` and `gap` in the same pixels. */
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
