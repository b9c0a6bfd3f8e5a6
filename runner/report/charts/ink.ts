// The colours of all charts by meaning. A chart is drawn once with placeholders. In a page they become CSS variables, so that one
// picture fits light and dark mode; in a picture file they become the light colours.

/** Light and dark colour of each ink. Lines have a contrast of at least 3:1 against the page, text of at least 4.5:1. */
export const INKS = {
  text: ['#1b2130', '#e6e9ef'],
  muted: ['#586173', '#a3adbd'],
  grid: ['#e7eaf0', '#272d37'],
  axis: ['#c3c9d4', '#444d5b'],
  surface: ['#ffffff', '#171b22'],
  p50: ['#0f8a7e', '#4fd1c0'],
  p90: ['#3b82c4', '#6cb1f0'],
  p95: ['#1d4ed8', '#8ea6ff'],
  p99: ['#8b2fb0', '#d48bea'],
  max: ['#7b8494', '#8b95a5'],
  target: ['#b4232c', '#ff8078'],
  ok: ['#3b82c4', '#5ea5e6'],
  httpError: ['#c2410c', '#ff9a5c'],
  transport: ['#a01245', '#ff6b9d'],
  vus: ['#4b5a78', '#a9b8d6'],
  asked: ['#7b8494', '#8b95a5'],
  achieved: ['#0f8a7e', '#4fd1c0'],
  dropped: ['#b4232c', '#ff8078'],
  blocked: ['#7b8494', '#8b95a5'],
  connecting: ['#0f8a7e', '#3fb8a8'],
  tls: ['#8b2fb0', '#c07ad6'],
  sending: ['#b7791f', '#e0a84a'],
  waiting: ['#3b82c4', '#5ea5e6'],
  receiving: ['#1f3f8f', '#8ea6ff'],
  received: ['#3b82c4', '#6cb1f0'],
  sent: ['#b7791f', '#e0a84a'],
  phase: ['#eef1f6', '#1e242e'],
  heat0: ['#e3edfb', '#1c2940'],
  heat1: ['#c3daf6', '#21385c'],
  heat2: ['#9cc2ee', '#294b7d'],
  heat3: ['#6fa3e0', '#3562a0'],
  heat4: ['#447fcb', '#4a80c4'],
  heat5: ['#2a5fae', '#6ea3e2'],
  heat6: ['#1b438a', '#9cc6f5'],
  heat7: ['#102b61', '#d5e8ff'],
} as const satisfies Record<string, readonly [light: string, dark: string]>;

/** The name of a colour by its meaning. */
export type Ink = keyof typeof INKS;

const NAMES = Object.keys(INKS).filter((name): name is Ink => name in INKS);

/** The placeholder for an ink in an SVG: a hex colour that no chart uses. */
export function ink(name: Ink): string {
  return `#fe00${NAMES.indexOf(name).toString(16).padStart(2, '0')}`;
}

function replacePlaceholders(svg: string, colour: (name: Ink) => string): string {
  return svg.replace(/#fe00([0-9a-f]{2})/g, (placeholder: string, index: string) => {
    const name = NAMES[Number.parseInt(index, 16)];
    return name === undefined ? placeholder : colour(name);
  });
}

/** An SVG for a page: placeholders become `var(--ink-p95,#1d4ed8)`, which follows the theme and is light if style sheets are blocked. */
export function themed(svg: string): string {
  return replacePlaceholders(svg, (name) => `var(--ink-${name.toLowerCase()},${INKS[name][0]})`);
}

/** An SVG for a picture file: placeholders become the light colours. */
export function fixed(svg: string): string {
  return replacePlaceholders(svg, (name) => INKS[name][0]);
}

/** CSS declarations of all inks: `--ink-p95:light-dark(#1d4ed8,#8ea6ff);…`. */
export function inkDeclarations(): string {
  return NAMES.map((name) => `--ink-${name.toLowerCase()}:light-dark(${INKS[name].join(',')})`).join(';');
}
