// The helpers that templates can use in addition to those of Handlebars.

import type Handlebars from 'handlebars';

/** A text of this length fits every column, so it needs no line break. */
const FITS_A_LINE = 24;

/** Registers all helpers on one Handlebars environment. */
export function registerHelpers(engine: typeof Handlebars): void {
  // {{icon "pass"}}: a symbol of partials/icons.hbs. It is hidden from screen readers, because the word is always next to it.
  engine.registerHelper('icon', (name: unknown) => {
    const symbol = engine.escapeExpression(String(name));
    return new engine.SafeString(
      `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><use href="#i-${symbol}"/></svg>`,
    );
  });
  // {{#piece "targets"}}…{{/piece}}: a part of the page that the live page can update separately.
  engine.registerHelper('piece', function (this: unknown, name: unknown, options: Handlebars.HelperOptions) {
    const html = options.fn(this);
    const pieces: unknown = options.data?.pieces;
    if (pieces instanceof Map && html.trim() !== '') pieces.set(String(name), html.trim());
    return html;
  });
  // {{breakable text}}: a path or dotted name that may break after its separators, not within a word.
  engine.registerHelper('breakable', (text: unknown) => {
    const shown = String(text);
    const escaped = engine.escapeExpression(shown);
    if (shown.length <= FITS_A_LINE) return new engine.SafeString(escaped);
    return new engine.SafeString(escaped.replace(/([/:._])(?=[\p{L}\p{N}{])/gu, '$1<wbr>'));
  });
}
