// View model + templates → one HTML page that loads nothing: style and script inside, allowed by their hashes alone.

import { createHash } from 'node:crypto';
import { inkDeclarations } from './charts/ink.ts';
import type { Templates } from './template-engine.ts';

function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Comments and indentation out of a style sheet or script of ours; strings in them hold neither. */
function compactCss(css: string): string {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\n\s*/g, '\n')
    .trim();
}

/** A `</script` or `</style` inside would end the element early, wherever it stands. */
function inline(text: string, element: 'script' | 'style'): string {
  if (new RegExp(`</${element}`, 'i').test(text)) throw new Error(`an inline ${element} must not contain </${element}`);
  return text;
}

/**
 * Renders `<template>.hbs` with the view and `page` {css, script, policy}. The policy allows the one style and the one
 * script by hash: no style attribute, no event attribute, no request of any kind.
 */
export function renderPage(template: string, view: object, templates: Templates, script: string): string {
  const css = inline(`${compactCss(templates.styles())}\n:root{${inkDeclarations()}}`, 'style');
  const code = inline(script, 'script');
  const policy = [
    "default-src 'none'",
    `style-src ${sourceHash(css)}`,
    `script-src ${sourceHash(code)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return templates.render(template, { ...view, page: { css, script: code, policy } });
}
