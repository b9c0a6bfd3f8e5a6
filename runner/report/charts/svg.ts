// An ECharts option becomes the text of an SVG, drawn in Node. Not a browser chart: the page must show its pictures where
// scripts are blocked (mail, artifact viewers, print), and Markdown uses the same ones.

import type { CustomSeriesOption, LineSeriesOption } from 'echarts/charts';
import { CustomChart, LineChart } from 'echarts/charts';
import type {
  GridComponentOption,
  LegendComponentOption,
  MarkAreaComponentOption,
  MarkLineComponentOption,
} from 'echarts/components';
import { GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { compactSvg } from './compact-svg.ts';

echarts.use([
  LineChart,
  CustomChart,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  SVGRenderer,
]);

export type ChartOption = ComposeOption<
  | LineSeriesOption
  | CustomSeriesOption
  | GridComponentOption
  | LegendComponentOption
  | MarkAreaComponentOption
  | MarkLineComponentOption
>;

export const CHART_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif";

/**
 * The option as SVG text in sentinel colours (see ink.ts), without width and height attributes, style attributes, style
 * sheets or scripts: fit for a page whose policy allows no inline style. Ids in it begin with `id`, unique on the page.
 */
export function drawSvg(id: string, option: ChartOption, width: number, height: number): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'sans-serif' }, ...option });
    return compactSvg(plainSvg(chart.renderToSVGString(), id));
  } finally {
    chart.dispose();
  }
}

/** `style="font-size:12px;font-family:x;"` → `font-size="12px"`; the family is set once on the root. */
function styleToAttributes(css: string): string {
  return css
    .split(';')
    .map((declaration) => declaration.split(':').map((part) => part.trim()))
    .flatMap(([name, value]) => (name && value && name !== 'font-family' ? [`${name}="${value}"`] : []))
    .join(' ');
}

/** Coordinates to a tenth of a pixel: a third of the bytes of a long line are digits that nobody can see. */
function shortPath(path: string): string {
  return path.replace(/-?\d+\.\d+/g, (number) => String(Math.round(Number(number) * 10) / 10));
}

function plainSvg(svg: string, id: string): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(
      /<svg [^>]*viewBox="([^"]*)"[^>]*>/,
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="$1" font-family="FONT">',
    )
    .replace('font-family="FONT"', `font-family="${CHART_FONT.replaceAll('"', "'")}"`)
    .replace(/<(?:rect|path) [^>]*fill="(?:none|rgb\(0,0,0\))"(?![^>]*stroke=)[^>]*><\/(?:rect|path)>\n?/g, '')
    .replace(/<path [^>]*fill-opacity="0"[^>]*stroke-width="0"[^>]*><\/path>\n?/g, '')
    .replace(/ (?:class="[^"]*"|ecmeta_\w+="[^"]*"|pointer-events="[^"]*"|xml:space="[^"]*")/g, '')
    .replace(/ style="([^"]*)"/g, (_, css: string) => ` ${styleToAttributes(css)}`)
    .replace(/<path [^>]*stroke-width="0"[^>]*><\/path>/g, (path) => (/fill="none"/.test(path) ? '' : path))
    .replace(/ d="([^"]*)"/g, (_, path: string) => ` d="${shortPath(path)}"`)
    .replace(/zr\d+-/g, `${id}-`)
    .replace(/><\/(?:path|rect|polygon|polyline|circle)>/g, '/>')
    .replace(/\n+/g, '')
    .replace(/(?:<path d="[^"]*" fill="none" [^>]*\/>){2,}/g, joinedPaths);
}

/** Neighbouring lines that differ in nothing but their place (grid lines, ticks) become one path. */
function joinedPaths(paths: string): string {
  const joined: { d: string; rest: string }[] = [];
  for (const [, d = '', rest = ''] of paths.matchAll(/<path d="([^"]*)"( [^>]*)\/>/g)) {
    const last = joined.at(-1);
    if (last?.rest === rest && !rest.includes('transform')) last.d += d;
    else joined.push({ d, rest });
  }
  return joined.map(({ d, rest }) => `<path d="${d}"${rest}/>`).join('');
}
