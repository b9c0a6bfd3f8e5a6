// A number as people write it (1,500 or 1 500 or 1.5) → its value, or two values if it is ambiguous.

export type WrittenNumber =
  | { readonly kind: 'number'; readonly value: number; readonly length: number }
  /** `1.500` is 1.5 with decimal points and 1500 with points between thousands. */
  | { readonly kind: 'ambiguous'; readonly values: readonly [number, number]; readonly text: string };

/** Digits with separators. A space separates only groups of three. */
const WRITTEN =
  /^[+-]?(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d])(?:[.,]\d+)?|\d[\d.,_'’]*\d|\d|\.\d+)(?:[eE][+-]?\d+)?/;

/** The number at the start of a text, with its length in characters; undefined if there is none. */
export function writtenNumber(text: string): WrittenNumber | undefined {
  const found = WRITTEN.exec(text)?.[0];
  if (found === undefined) return undefined;
  const digits = found.replace(/[ \u00a0\u202f_'’]/g, '');
  const exactly = (plain: string): WrittenNumber | undefined => {
    const value = Number(plain);
    return Number.isFinite(value) ? { kind: 'number', value, length: found.length } : undefined;
  };
  const commas = digits.split(',').length - 1;
  const points = digits.split('.').length - 1;
  // In 1,234.5 and 1.234,5 the last kind of separator is the decimal one.
  if (commas > 0 && points > 0) {
    const [thousands, decimal] = digits.lastIndexOf(',') < digits.lastIndexOf('.') ? [',', '.'] : ['.', ','];
    const [whole = '', fraction = '', ...more] = digits.split(decimal);
    if (more.length > 0 || !isGrouped(whole, thousands)) return undefined;
    return exactly(`${whole.replaceAll(thousands, '')}.${fraction}`);
  }
  if (commas > 1) return isGrouped(digits, ',') ? exactly(digits.replaceAll(',', '')) : undefined;
  if (points > 1) return isGrouped(digits, '.') ? exactly(digits.replaceAll('.', '')) : undefined;
  // 1,500 has thousands, because a decimal comma would hardly be followed by trailing zeros; 1,5 and 0,250 have decimals.
  if (commas === 1) return exactly(isGrouped(digits, ',') ? digits.replace(',', '') : digits.replace(',', '.'));
  if (points === 1 && isGrouped(digits, '.')) {
    const values = [Number(digits), Number(digits.replace('.', ''))] as const;
    return { kind: 'ambiguous', values, text: found };
  }
  return exactly(digits);
}

/** Whether digits are grouped by thousands, with a first group that does not begin with 0. */
function isGrouped(digits: string, divider: string): boolean {
  const [first = '', ...groups] = digits.replace(/^[+-]/, '').split(divider);
  return /^[1-9]\d{0,2}$/.test(first) && groups.length > 0 && groups.every((group) => /^\d{3}$/.test(group));
}
