// The SVG text that ECharts writes becomes half as long and looks the same: dozens of pictures stand in one page.

/** Fewer bytes for the same picture; in and out: SVG text without style attributes. */
export function compactSvg(svg: string): string {
  return oneClip(svg)
    .replace(/<(polygon|path)( [^>]*)stroke-width="0"([^>]*)\/>/g, withoutOutline)
    .replace(/ d="([^"]*)"/g, (_, path: string) => ` d="${relativePath(path)}"`)
    .replace(/(?:<text [^>]*>[^<]*<\/text>)+/g, groupedTexts);
}

/** What has neither fill nor outline is not there. */
function withoutOutline(_: string, element: string, before: string, after: string): string {
  const attributes = `${before}${after}`.replace(/ stroke(?:-[a-z]+)?="[^"]*"/g, '').trimEnd();
  return / fill-opacity="0"/.test(attributes) ? '' : `<${element}${attributes}/>`;
}

/** Clip paths of the same shape become the first of them. */
function oneClip(svg: string): string {
  const byShape = new Map<string, string>();
  const first = new Map<string, string>();
  const rest = svg.replace(/<clipPath id="([^"]*)">(.*?)<\/clipPath>/g, (whole, id: string, shape: string) => {
    const known = byShape.get(shape);
    if (known === undefined) byShape.set(shape, id);
    else first.set(id, known);
    return known === undefined ? whole : '';
  });
  return rest.replace(/url\(#([^)]*)\)/g, (_, id: string) => `url(#${first.get(id) ?? id})`);
}

/** Straight lines from place to place as steps, which are shorter than places. In tenths, so that no error adds up. */
function relativePath(path: string): string {
  if (!/^(?:[ML]-?[\d.]+ -?[\d.]+Z?)+$/.test(path)) return path;
  let [x, y] = [0, 0];
  let written = '';
  let command = '';
  for (const [, letter = '', toX = '', toY = '', close = ''] of path.matchAll(/([ML])(-?[\d.]+) (-?[\d.]+)(Z?)/g)) {
    const [nextX, nextY] = [Math.round(Number(toX) * 10), Math.round(Number(toY) * 10)];
    const isMove = letter === 'M';
    const [dx, dy] = isMove ? [nextX, nextY] : [nextX - x, nextY - y];
    if (isMove || command !== 'l') written += isMove ? 'M' : 'l';
    written += `${separated(written, tenths(dx))}`;
    written += `${separated(written, tenths(dy))}${close === '' ? '' : 'z'}`;
    command = isMove ? 'M' : close === '' ? 'l' : '';
    [x, y] = [nextX, nextY];
  }
  return written;
}

/** 5 → .5, -12 → -1.2, 20 → 2. */
function tenths(value: number): string {
  return String(value / 10).replace(/^(-?)0\./, '$1.');
}

/** With a space in front where the number would run into the one before. */
function separated(before: string, number: string): string {
  return /[a-zA-Z]$/.test(before) || number.startsWith('-') ? number : ` ${number}`;
}

interface Text {
  readonly rest: string;
  readonly element: string;
}

function textOf(attributes: string, content: string): Text {
  const at = / transform="translate\((-?[\d.]+) (-?[\d.]+)\)"/.exec(attributes);
  const own = (name: string) => Number(new RegExp(` ${name}="(-?[\\d.]+)"`).exec(attributes)?.[1] ?? 0);
  const rest = attributes.replace(at?.[0] ?? '', '').replace(/ [xy]="-?[\d.]+"/g, '');
  const [x, y] = [Number(at?.[1] ?? 0) + own('x'), Number(at?.[2] ?? 0) + own('y')].map(
    (place) => Math.round(place * 10) / 10,
  );
  return { rest, element: `<text x="${x}" y="${y}">${content}</text>` };
}

/** Neighbouring texts that differ in nothing but place and words share one group's attributes. */
function groupedTexts(texts: string): string {
  const groups: { rest: string; elements: string[] }[] = [];
  for (const [, attributes = '', content = ''] of texts.matchAll(/<text( [^>]*)>([^<]*)<\/text>/g)) {
    const { rest, element } = textOf(attributes, content);
    const last = groups.at(-1);
    if (last?.rest === rest) last.elements.push(element);
    else groups.push({ rest, elements: [element] });
  }
  return groups.map(({ rest, elements }) => `<g${rest}>${elements.join('')}</g>`).join('');
}
