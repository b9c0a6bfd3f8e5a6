// The URL's fragment: an anchor of the page, and names with values: `#kpi-1&t=120-300`.

/** The anchor; '' without one. */
export function anchorIn(hash: string): string {
  const [first = ''] = hash.replace(/^#/, '').split('&');
  return first.includes('=') ? '' : decoded(first);
}

/** The value of `name`; undefined if the fragment has none. */
export function valueIn(hash: string, name: string): string | undefined {
  const part = hash
    .replace(/^#/, '')
    .split('&')
    .find((each) => each.startsWith(`${name}=`));
  return part === undefined ? undefined : decoded(part.slice(name.length + 1));
}

/** The fragment with `name` set, or removed if `value` is undefined; '' if nothing is left. */
export function withValue(hash: string, name: string, value: string | undefined): string {
  const others = hash
    .replace(/^#/, '')
    .split('&')
    .filter((part) => part !== '' && !part.startsWith(`${name}=`));
  return joined(value === undefined ? others : [...others, `${name}=${encodeURIComponent(value)}`]);
}

/** The fragment with another anchor and the same values. */
export function withAnchor(hash: string, anchor: string): string {
  const values = hash
    .replace(/^#/, '')
    .split('&')
    .filter((part) => part.includes('='));
  return joined([encodeURIComponent(anchor), ...values]);
}

/** Shows `hash` in the address bar, without a history entry and without scrolling. Sandboxed pages cannot, which is no error. */
export function showFragment(hash: string): void {
  try {
    history.replaceState(history.state, '', hash === '' ? location.href.replace(/#.*$/, '') : hash);
  } catch {
    // about:srcdoc and sandboxed frames must not change their URL.
  }
}

function joined(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `#${parts.join('&')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
