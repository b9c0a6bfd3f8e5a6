// The two sides of a text with git's conflict markers.

/** Both versions of a conflicted text. */
export interface ConflictSides {
  readonly ours: string;
  readonly theirs: string;
}

/** Both sides of a text with conflict markers, in git's styles merge, diff3 and zdiff3; undefined for a text without. */
export function conflictSides(text: string): ConflictSides | undefined {
  const ours: string[] = [];
  const theirs: string[] = [];
  let part: 'both' | 'ours' | 'base' | 'theirs' = 'both';
  let found = false;
  for (const line of text.split('\n')) {
    if (/^<{7}( |\r?$)/.test(line)) {
      found = true;
      part = 'ours';
    } else if (part === 'ours' && /^\|{7}( |\r?$)/.test(line)) part = 'base';
    else if ((part === 'ours' || part === 'base') && /^={7}\r?$/.test(line)) part = 'theirs';
    else if (part === 'theirs' && /^>{7}( |\r?$)/.test(line)) part = 'both';
    else {
      if (part === 'both' || part === 'ours') ours.push(line);
      if (part === 'both' || part === 'theirs') theirs.push(line);
    }
  }
  return found ? { ours: ours.join('\n'), theirs: theirs.join('\n') } : undefined;
}
