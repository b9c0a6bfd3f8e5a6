// axe-core in an open page: the violations that make it unreadable for people.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { z } from 'zod';

const violationsSchema = z.array(
  z.object({ id: z.string(), impact: z.string().nullish(), nodes: z.array(z.object({ html: z.string() })) }),
);

/**
 * Takes out what axe would check again and again: table rows between the first three and the last two, and the parts of pictures, which
 * screen readers do not read. Ends with the function that puts them back.
 */
const WITHOUT_REPETITION = `(() => {
  const cut = [...document.querySelectorAll('tbody tr:nth-child(n+4):nth-last-child(n+3), [role="img"] > *')].map(
    (element) => [element, element.parentNode, element.nextSibling],
  );
  for (const [element] of cut) element.remove();
  return () => {
    for (const [element, parent, next] of cut.reverse())
      parent.insertBefore(element, next?.parentNode === parent ? next : null);
  };
})()`;

interface Checked {
  /** `colours`: only contrast, the one rule that depends on the colour scheme. */
  readonly rules?: 'all' | 'colours';
  /** Every row and every part of every picture. */
  readonly isWhole?: boolean;
}

/** Serious and critical violations as `rule: first element`, with all folds open. */
export async function seriousViolations(
  page: Page,
  { rules = 'all', isWhole = false }: Checked = {},
): Promise<string[]> {
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
  const violations = violationsSchema.parse(
    await page.evaluate(`(async () => {
      const restore = ${isWhole ? '() => undefined' : WITHOUT_REPETITION};
      const { violations } = await axe.run(${JSON.stringify(options)}).finally(restore);
      return violations;
    })()`),
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0]?.html.slice(0, 200) ?? ''}`);
}
