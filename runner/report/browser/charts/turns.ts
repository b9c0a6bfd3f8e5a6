// When charts are drawn: those on the screen immediately and together, those near it when the browser is idle.

/** A chart that is drawn in steps. Charts that are drawn together all finish a step before the next one begins. */
export interface Drawable {
  readonly isSeen: boolean;
  /** Whether it is on the screen or close to it. */
  readonly isNear: boolean;
  /** Whether it has to be redrawn. */
  readonly isStale: boolean;
  /** Reads sizes of the page before it is changed. */
  readPage(): void;
  /** Writes changes that affect sizes. */
  place(): void;
  /** Reads the sizes. */
  measure(): void;
  /** Draws. */
  paint(): void;
}

/** Charts per idle callback; they take a few milliseconds. */
const CHARTS_PER_TURN = 2;
/** A busy page may never be idle, so drawing starts after this time. */
const LATEST_MS = 500;

/** Draws these charts now. */
export function drawTogether(charts: readonly Drawable[]): void {
  for (const chart of charts) chart.readPage();
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
let isScheduled = false;

/** Draws the stale ones: those on the screen before this returns, those near it a little later. */
export function drawInTurn(charts: Iterable<Drawable>): void {
  const due = [...charts].filter(({ isStale, isNear }) => isStale && isNear);
  drawTogether(due.filter(({ isSeen }) => isSeen));
  for (const chart of due) if (!chart.isSeen) waiting.add(chart);
  drawLater();
}

function drawLater(): void {
  if (isScheduled || waiting.size === 0) return;
  isScheduled = true;
  whenIdle(() => {
    isScheduled = false;
    const next = [...waiting].filter(({ isStale, isNear }) => isStale && isNear).slice(0, CHARTS_PER_TURN);
    if (next.length === 0) waiting.clear();
    for (const chart of next) waiting.delete(chart);
    drawTogether(next);
    drawLater();
  });
}
