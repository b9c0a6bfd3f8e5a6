import { expect } from 'chai';

/** Checks that a text has these facts (names, numbers with their unit) in this order, in any wording. */
export function hasFacts(text: string | null | undefined, ...facts: readonly string[]): void {
  const whole = (fact: string) =>
    `${/^\w/.test(fact) ? '(?<![\\w.,])' : ''}${fact.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}${/\w$/.test(fact) ? '(?!\\w|[.,]\\d)' : ''}`;
  expect(text).to.match(new RegExp(facts.map(whole).join('[\\s\\S]*')));
}
