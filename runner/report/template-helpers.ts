// The helpers that templates may use besides Handlebars' own.

import type Handlebars from 'handlebars';

/** Registers all helpers on one Handlebars environment. */
export function registerHelpers(engine: typeof Handlebars): void {
  // {{icon "pass"}}: a symbol of partials/icons.hbs. The word always stands next to it, so it is hidden from screen readers.
  engine.registerHelper('icon', (name: unknown) => {
    const symbol = engine.escapeExpression(String(name));
    return new engine.SafeString(
      `<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><use href="#i-${symbol}"/></svg>`,
    );
  });
}
