// A name, whatever it holds, becomes a part of a path that stays the people's own name where every file system takes it.

/**
 * Letters, marks and digits of any script, dot, dash and underscore, composed (NFC), of at most `longestBytes` of UTF-8; all else
 * becomes a dash: no separator, no control or direction character. Never empty, never a dot file: `unnamed` for a name without letters.
 */
export function pathName(name: string, longestBytes = 100): string {
  const safe = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
    // A mark needs a letter to stand on.
    .replace(/^[\p{M}.-]+/u, '');
  let end = 0;
  let bytes = 0;
  for (const character of safe) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > longestBytes) break;
    end += character.length;
  }
  const cut = safe.slice(0, end).replace(/[.-]+$/, '');
  return cut === '' ? 'unnamed' : cut;
}
