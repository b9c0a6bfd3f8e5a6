// The bar of the live page: where the run is, whether the page is still connected to it, the stop button, what is over.

import type { LiveBar } from '../../model/live-event.ts';

/** The runner sends something every second; after so long without anything the page says that it is out of date. */
const SILENCE_MS = 5000;

export interface LiveBarView {
  show(bar: LiveBar): void;
  connected(): void;
  /** `isFinal`: the browser has given up. */
  lost(isFinal: boolean): void;
}

/** Finds its elements on the page; without them nothing is shown. */
export function startLiveBar(): LiveBarView {
  const dot = document.querySelector<HTMLElement>('[data-live-dot]');
  const text = document.querySelector('[data-live-text]');
  const trouble = document.querySelector('[data-live-trouble]');
  const stop = document.querySelector<HTMLButtonElement>('[data-live-stop]');
  const finished = document.querySelector<HTMLElement>('[data-live-finished]');
  let stage: LiveBar['stage'] = 'waiting';
  let heardAtMs = performance.now();
  let isAsked = false;

  const tell = (words: string) => {
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
    isAsked = true;
    showStop(true);
    fetch('stop', { method: 'POST' }).then(
      ({ ok }) => {
        if (ok) return;
        isAsked = false;
        showStop(false);
        tell('The run could not be stopped from here. Press Ctrl-C in its terminal.');
      },
      () => {
        isAsked = false;
        showStop(false);
        tell('No answer. Press Ctrl-C in the terminal of the run to stop it.');
      },
    );
  });
  setInterval(() => {
    const silentMs = performance.now() - heardAtMs;
    if (stage !== 'ended' && silentMs > SILENCE_MS && trouble?.textContent === '') {
      tell(`No data for ${Math.round(silentMs / 1000)} s; this page is out of date.`);
    }
  }, 1000);

  return {
    show(bar) {
      heardAtMs = performance.now();
      stage = bar.stage;
      if (text !== null && text.textContent !== bar.text) text.textContent = bar.text;
      tell('');
      showStop(bar.isStopping || isAsked);
      if (finished !== null) showFinished(finished, bar);
    },
    connected: () => tell(''),
    lost(isFinal) {
      if (stage === 'ended') return;
      tell(
        isFinal
          ? 'Connection lost: the run is gone. To report what was kept: novaperf report <run>'
          : 'Connection lost. Trying again.',
      );
    },
  };
}

/** Scenarios that are over, each with a link to its report as long as somebody serves it, and with the place of its file. */
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
