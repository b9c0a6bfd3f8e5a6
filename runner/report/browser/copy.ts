// Buttons that copy the code block after their heading. Without scripts one click on a curl line marks all of it.

/** Shows the copy buttons and listens for them; where there is no clipboard they stay hidden. */
export function startCopy(): void {
  const { clipboard } = navigator;
  if (clipboard === undefined) return;
  for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const text = button.closest('h5')?.nextElementSibling?.textContent ?? '';
      const said = await clipboard.writeText(text).then(
        () => 'Copied',
        () => 'Not copied',
      );
      button.textContent = said;
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
  }
}
