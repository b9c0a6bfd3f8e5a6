// The URL's fragment: an anchor of the page, and names with values next to it. `#kpi-1&t=120-300`: so a link can point at both.

/** The anchor; '' for none. */
export function anchorIn(hash: string): string {
  const [first = ''] = hash.replace(/^#/, '').split('&');
  return first.includes('=') ? '' : decoded(first);
}

/** The value of `name`; undefined where the fragment has none. */
export function valueIn(hash: string, name: string): string | undefined {
  const part = hash
    .replace(/^#/, '')
    .split('&')
    .find((each) => each.startsWith(`${name}=`));
  return part === undefined ? undefined : decoded(part.slice(name.length + 1));
}

/** The fragment with `name` set, or taken out; the anchor and other names stay. '' where nothing is left. */
export function withValue(hash: string, name: string, value: string | undefined): string {
  const others = hash
    .replace(/^#/, '')
    .split('&')
    .filter((part) => part !== '' && !part.startsWith(`${name}=`));
  return joined(value === undefined ? others : [...others, `${name}=${encodeURIComponent(value)}`]);
}

/** The fragment with another anchor; names with values stay. */
export function withAnchor(hash: string, anchor: string): string {
  const values = hash
    .replace(/^#/, '')
    .split('&')
    .filter((part) => part.includes('='));
  return joined([encodeURIComponent(anchor), ...values]);
}

/** Shows `hash` in the address bar without a step in the history and without scrolling. A sandboxed page may not: then it is not shown. */
export function showFragment(hash: string): void {
  try {
    history.replaceState(history.state, '', hash === '' ? location.href.replace(/#.*$/, '') : hash);
  } catch {
    // about:srcdoc and sandboxed frames
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
