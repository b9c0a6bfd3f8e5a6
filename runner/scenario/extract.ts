// Values of answers for later requests. `response.json()` and `response.html()` throw where the server gave no answer at all, which would
// end the iteration in place of a failed check. Runs inside k6.

import type { Response } from 'k6/http';

/**
 * The text or number at `path` of a JSON answer, as text: `jsonText(response, 'items.0.id')`. Paths are those of k6's `response.json()`.
 * Empty where there is no answer, where it is no JSON, and where it has no text or number at that place.
 */
export function jsonText(response: Response, path: string): string {
  if (typeof response.body !== 'string' || response.body === '') return '';
  const value = response.json(path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/**
 * An attribute of the first element that a CSS selector finds in an HTML answer: `htmlAttribute(response, 'input[name=csrf]', 'value')`.
 * Empty where there is no answer, no such element, or no such attribute.
 */
export function htmlAttribute(response: Response, selector: string, attribute: string): string {
  if (typeof response.body !== 'string' || response.body === '') return '';
  return response.html(selector).attr(attribute) ?? '';
}
