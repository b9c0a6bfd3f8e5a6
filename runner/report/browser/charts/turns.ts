// Which charts are drawn when: those on the screen at once and together, those near it when the browser has time.

/** A chart in steps. All that are drawn together take each step before one of them takes the next. */
export interface Drawable {
  readonly isSeen: boolean;
  /** On the screen or close to it. */
  readonly isNear: boolean;
  /** It does not show what it should. */
  readonly isStale: boolean;
  /** Reads the page as it is. */
  look(): void;
  /** Writes what changes sizes. */
  place(): void;
  /** Reads the sizes. */
  measure(): void;
  /** Draws. */
  paint(): void;
}

/** As many at a time: a few milliseconds. */
const ABREAST = 2;
/** On a busy page the browser may never be idle; drawing starts after this time. */
const LATEST_MS = 500;

/** Draws these charts now. */
export function drawTogether(charts: readonly Drawable[]): void {
  for (const chart of charts) chart.look();
  for (const chart of charts) chart.place();
  for (const chart of charts) chart.measure();
  for (const chart of charts) chart.paint();
}

// Safari has no idle callbacks.
const whenIdle: (work: () => void) => void =
  'requestIdleCallback' in window
    ? (work) => requestIdleCallback(work, { timeout: LATEST_MS })
    : (work) => setTimeout(work, 30);

const waiting = new Set<Drawable>();
let isAsked = false;

/** Draws those of them that are stale: the seen ones before this returns, others near the screen a little later. */
export function drawInTurn(charts: Iterable<Drawable>): void {
  const due = [...charts].filter(({ isStale, isNear }) => isStale && isNear);
  drawTogether(due.filter(({ isSeen }) => isSeen));
  for (const chart of due) if (!chart.isSeen) waiting.add(chart);
  drawLater();
}

function drawLater(): void {
  if (isAsked || waiting.size === 0) return;
  isAsked = true;
  whenIdle(() => {
    isAsked = false;
    const next = [...waiting].filter(({ isStale, isNear }) => isStale && isNear).slice(0, ABREAST);
    if (next.length === 0) waiting.clear();
    for (const chart of next) waiting.delete(chart);
    drawTogether(next);
    drawLater();
  });
}
