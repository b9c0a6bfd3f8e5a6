// Values of responses for later requests. `response.json()` and `response.html()` throw without a response, which would end the
// iteration instead of failing a check. Runs inside k6.

import type { Response } from 'k6/http';

/**
 * The text or number at `path` of a JSON response, as text: `jsonText(response, 'items.0.id')`. Paths are those of k6's `response.json()`.
 * Empty without a response, for a response that is not JSON, and without a text or number at that path.
 */
export function jsonText(response: Response, path: string): string {
  if (typeof response.body !== 'string' || response.body === '') return '';
  const value = response.json(path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/**
 * An attribute of the first element that a CSS selector finds in an HTML response: `htmlAttribute(response, 'input[name=csrf]', 'value')`.
 * Empty without a response, such an element or such an attribute.
 */
export function htmlAttribute(response: Response, selector: string, attribute: string): string {
  if (typeof response.body !== 'string' || response.body === '') return '';
  return response.html(selector).attr(attribute) ?? '';
}
