// Dark and light: by the system, by the switch, and remembered.

type Theme = 'dark' | 'light';

const KEY = 'novaperf-theme';
const root = document.documentElement;
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

/** What the page is shown in at this moment. */
export function currentTheme(): Theme {
  const chosen = root.dataset.theme;
  if (chosen === 'dark' || chosen === 'light') return chosen;
  return system.matches ? 'dark' : 'light';
}

/** Calls `listener` after each change of colours: what is drawn on a canvas does not follow style sheets by itself. */
export function onThemeChange(listener: () => void): void {
  listeners.add(listener);
}

/** Takes up the remembered theme and brings the switch to life. */
export function startTheme(): void {
  const remembered = stored();
  if (remembered === 'dark' || remembered === 'light') root.dataset.theme = remembered;
  const button = document.querySelector<HTMLElement>('[data-theme-switch]');
  const label = () => {
    if (button === null) return;
    const other: Theme = currentTheme() === 'dark' ? 'light' : 'dark';
    button.textContent = other === 'dark' ? 'Dark' : 'Light';
    button.setAttribute('aria-label', `Switch to ${other} colours`);
  };
  const changed = () => {
    label();
    for (const listener of listeners) listener();
  };
  system.addEventListener('change', changed);
  if (button === null) return;
  button.hidden = false;
  label();
  button.addEventListener('click', () => {
    const theme: Theme = currentTheme() === 'dark' ? 'light' : 'dark';
    root.dataset.theme = theme;
    remember(theme);
    changed();
  });
}

// A page from a file or a sandbox may have no storage; the switch then holds until it is closed.
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // see above
  }
}
