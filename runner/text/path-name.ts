// Makes a file name from any name, readable and accepted by every file system.

/**
 * Keeps letters, marks and digits of any script, dots, dashes and underscores, in NFC, up to `longestBytes` of UTF-8;
 * everything else becomes a dash. Never empty and never a dot file: `unnamed` for a name without letters.
 */
export function pathName(name: string, longestBytes = 100): string {
  const safe = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '-')
    // Removed at the start, because a mark needs a letter before it.
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
