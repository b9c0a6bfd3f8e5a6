// axe-core in an open page: the violations that make it unreadable for people.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { z } from 'zod';

const violationsSchema = z.array(
  z.object({ id: z.string(), impact: z.string().nullish(), nodes: z.array(z.object({ html: z.string() })) }),
);

/** `colours` is the one rule of axe that depends on the colour scheme; `all` is for one of the schemes. */
type Rules = 'all' | 'colours';

/** Serious and critical violations as `rule: first element`, with all folds open. */
export async function seriousViolations(page: Page, rules: Rules = 'all'): Promise<string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(`for (const fold of document.querySelectorAll('details')) fold.open = true`);
  // Evaluated by the debugger, which the page's content security policy does not restrict.
  await page.evaluate(source);
  const options = {
    // Describing every element that passes takes a third of axe's time.
    resultTypes: ['violations'],
    preload: false,
    ...(rules === 'colours' ? { runOnly: ['color-contrast'] } : {}),
  };
  const run = `axe.run(${JSON.stringify(options)}).then((results) => results.violations)`;
  const violations = violationsSchema.parse(await page.evaluate(run));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0]?.html.slice(0, 200) ?? ''}`);
}
