// The dark or light theme: that of the system, or of the page's switch, which is remembered.

type Theme = 'dark' | 'light';

const KEY = 'novaperf-theme';
const root = document.documentElement;
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

/** The current theme. */
export function currentTheme(): Theme {
  const chosen = root.dataset.theme;
  if (chosen === 'dark' || chosen === 'light') return chosen;
  return system.matches ? 'dark' : 'light';
}

/** Calls `listener` after each change of theme, because style sheets do not affect a canvas. */
export function onThemeChange(listener: () => void): void {
  listeners.add(listener);
}

/** Applies the remembered theme and starts the switch. */
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

// A page from a file or in a sandbox may have no storage; the theme is then not remembered.
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
