// The helpers that templates may use besides Handlebars' own.

import type Handlebars from 'handlebars';

/** Characters of a name that no column is too narrow for. */
const FITS_A_LINE = 24;

/** Registers all helpers on one Handlebars environment. */
export function registerHelpers(engine: typeof Handlebars): void {
  // {{icon "pass"}}: a symbol of partials/icons.hbs. The word always stands next to it, so it is hidden from screen readers.
  engine.registerHelper('icon', (name: unknown) => {
    const symbol = engine.escapeExpression(String(name));
    return new engine.SafeString(
      `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><use href="#i-${symbol}"/></svg>`,
    );
  });
  // {{#piece "targets"}}…{{/piece}}: a part of the page that the live page can replace alone.
  engine.registerHelper('piece', function (this: unknown, name: unknown, options: Handlebars.HelperOptions) {
    const html = options.fn(this);
    const pieces: unknown = options.data?.pieces;
    if (pieces instanceof Map && html.trim() !== '') pieces.set(String(name), html.trim());
    return html;
  });
  // {{breakable text}}: a path or a dotted name may break after its separators, not in the middle of a word.
  engine.registerHelper('breakable', (text: unknown) => {
    const shown = String(text);
    const escaped = engine.escapeExpression(shown);
    if (shown.length <= FITS_A_LINE) return new engine.SafeString(escaped);
    return new engine.SafeString(escaped.replace(/([/:._])(?=[\p{L}\p{N}{])/gu, '$1<wbr>'));
  });
}
