// Buttons that copy the code block after their heading. Without scripts, a click on a curl line selects all of it.

/** Shows the copy buttons; they stay hidden if the page has no access to the clipboard. */
export function startCopy(): void {
  const { clipboard } = navigator;
  if (clipboard === undefined) return;
  for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const text = button.closest('h5')?.nextElementSibling?.textContent ?? '';
      const result = await clipboard.writeText(text).then(
        () => 'Copied',
        () => 'Not copied',
      );
      button.textContent = result;
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
  }
}
