// Times in UTC, as they are written on the page, get the reader's own zone before them.

/** Every `<time datetime>` below `root` whose reader does not live in UTC; one that was done before stays as it is. */
export function localTimes(root: ParentNode): void {
  if (new Date().getTimezoneOffset() === 0) return;
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[datetime]:not([data-local])')) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    const local = date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
    time.textContent = `${local} (${time.textContent})`;
    time.dataset.local = '';
  }
}
