// The bar of the live page: progress, connection, stop button, finished scenarios.

import type { LiveBar } from '../../model/live-event.ts';

/** The runner sends an event every second; without one for this long, the page is reported as out of date. */
const SILENCE_MS = 5000;

export interface LiveBarView {
  show(bar: LiveBar): void;
  connected(): void;
  /** `isFinal`: the browser does not try to reconnect. */
  lost(isFinal: boolean): void;
}

/** Starts the bar; parts that the page lacks are not shown. */
export function startLiveBar(): LiveBarView {
  const dot = document.querySelector<HTMLElement>('[data-live-dot]');
  const text = document.querySelector('[data-live-text]');
  const trouble = document.querySelector('[data-live-trouble]');
  const stop = document.querySelector<HTMLButtonElement>('[data-live-stop]');
  const finished = document.querySelector<HTMLElement>('[data-live-finished]');
  let stage: LiveBar['stage'] = 'waiting';
  let lastEventMs = performance.now();
  let isStopRequested = false;

  const showTrouble = (words: string) => {
    if (trouble !== null && trouble.textContent !== words) trouble.textContent = words;
    if (dot !== null) dot.dataset.stage = words === '' ? stage : 'lost';
  };
  const showStop = (isStopping: boolean) => {
    if (stop === null) return;
    stop.hidden = stage === 'ended';
    stop.disabled = isStopping;
    stop.textContent = isStopping ? 'Stopping gracefully' : 'Stop the run';
  };
  stop?.addEventListener('click', () => {
    isStopRequested = true;
    showStop(true);
    fetch('stop', { method: 'POST' }).then(
      ({ ok }) => {
        if (ok) return;
        isStopRequested = false;
        showStop(false);
        showTrouble('The run could not be stopped from here. Press Ctrl-C in its terminal.');
      },
      () => {
        isStopRequested = false;
        showStop(false);
        showTrouble('No answer from the run. To stop it, press Ctrl-C in its terminal.');
      },
    );
  });
  setInterval(() => {
    const silentMs = performance.now() - lastEventMs;
    if (stage !== 'ended' && silentMs > SILENCE_MS && trouble?.textContent === '') {
      showTrouble(`No data for ${Math.round(silentMs / 1000)} s; this page is out of date.`);
    }
  }, 1000);

  return {
    show(bar) {
      lastEventMs = performance.now();
      stage = bar.stage;
      if (text !== null && text.textContent !== bar.text) text.textContent = bar.text;
      showTrouble('');
      showStop(bar.isStopping || isStopRequested);
      if (finished !== null) showFinished(finished, bar);
    },
    connected: () => showTrouble(''),
    lost(isFinal) {
      if (stage === 'ended') return;
      showTrouble(
        isFinal
          ? 'Connection lost; the run is no longer there. For a report of the data so far: novaperf report <run>'
          : 'Connection lost. Reconnecting.',
      );
    },
  };
}

/** Lists finished scenarios, each with the path of its report, and a link to it while the live page is served. */
function showFinished(box: HTMLElement, { finished: runs, stage }: LiveBar): void {
  const list = box.querySelector('ul');
  if (list === null || (list.children.length === runs.length && stage !== 'ended')) return;
  box.hidden = runs.length === 0;
  list.replaceChildren(
    ...runs.map(({ name, word, tone, href, file }) => {
      const item = document.createElement('li');
      item.className = `tone-${tone}`;
      const mark = document.createElement('strong');
      mark.textContent = word;
      const isServed = href !== null && stage !== 'ended';
      const link = document.createElement(isServed ? 'a' : 'span');
      if (link instanceof HTMLAnchorElement && isServed) link.href = href;
      const isolated = document.createElement('bdi');
      isolated.textContent = name;
      link.append(isolated);
      item.append(mark, ' ', link);
      if (file !== '') {
        const path = document.createElement('code');
        path.textContent = file;
        item.append(' ', path);
      }
      return item;
    }),
  );
}
