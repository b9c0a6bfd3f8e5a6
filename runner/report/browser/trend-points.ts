// Trend lines show the run at the pointer, and a click opens its report.

import { across, TREND_HEIGHT, TREND_WIDTH } from '../charts/trend-line.ts';

const SVG = 'http://www.w3.org/2000/svg';

interface Points {
  readonly svg: SVGElement;
  readonly values: readonly string[];
  readonly folders: readonly string[];
  readonly times: readonly string[];
}

function pointsOf(card: HTMLElement, line: HTMLElement): Points | undefined {
  const svg = line.querySelector<SVGElement>('svg.trend-line');
  if (svg === null) return undefined;
  return {
    svg,
    values: (line.dataset.values ?? '').split('|'),
    folders: (card.dataset.folders ?? '').split(' '),
    times: (card.dataset.times ?? '').split(' '),
  };
}

/** Index of the run nearest to the pointer. */
function nearest({ svg, values }: Points, clientX: number): number {
  const box = svg.getBoundingClientRect();
  const x = ((clientX - box.left) / box.width) * TREND_WIDTH;
  return values.reduce(
    (best, _, index) =>
      Math.abs(across(index, values.length) - x) < Math.abs(across(best, values.length) - x) ? index : best,
    0,
  );
}

const WHEN = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
});

function timeText(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? '' : WHEN.format(date);
}

/** Starts all trend lines of the page. */
export function startTrendPoints(): void {
  const tip = document.createElement('div');
  tip.className = 'trend-tip';
  tip.hidden = true;
  // Hidden from screen readers, because the list of runs has the same values.
  tip.setAttribute('aria-hidden', 'true');
  document.body.append(tip);
  for (const card of document.querySelectorAll<HTMLElement>('.trend')) {
    for (const line of card.querySelectorAll<HTMLElement>('.trend-kpi')) {
      const points = pointsOf(card, line);
      if (points !== undefined) startLine(points, tip);
    }
  }
}

function startLine(points: Points, tip: HTMLElement): void {
  const { svg, values, folders, times } = points;
  const cursor = document.createElementNS(SVG, 'path');
  cursor.setAttribute('class', 'trend-cursor');
  svg.classList.add('has-points');
  svg.addEventListener('pointermove', ({ clientX, clientY }) => {
    const index = nearest(points, clientX);
    cursor.setAttribute('d', `M${across(index, values.length)} 0v${TREND_HEIGHT}`);
    if (cursor.parentNode !== svg) svg.append(cursor);
    tip.textContent = `${values[index] ?? ''} · ${timeText(times[index] ?? '')}`;
    tip.hidden = false;
    // Left of the pointer if there is no room on the right.
    const left = Math.min(clientX + 12, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(left, 4)}px`;
    tip.style.top = `${clientY + 16}px`;
  });
  svg.addEventListener('pointerleave', () => {
    cursor.remove();
    tip.hidden = true;
  });
  svg.addEventListener('click', ({ clientX }) => {
    const folder = folders[nearest(points, clientX)];
    if (folder !== undefined && folder !== '') location.href = `${folder}/report.html`;
  });
}
