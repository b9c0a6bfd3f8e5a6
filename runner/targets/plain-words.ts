// A sentence about performance → one common wording: number words as digits ("half a second", "10k requests", "1 in 1,000"), German
// requirements in the English words that the rules know.

import { writtenNumber } from './written-number.ts';

type Rule = readonly [pattern: RegExp, replacement: string];

/** Latin letters, because \b does not support umlauts. All letters of Unicode would take 100 ms to compile for the rules below. */
const LETTER = 'a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u024f';
function words(pattern: string): RegExp {
  return new RegExp(`(?<![${LETTER}\\d])(?:${pattern})(?![${LETTER}])`, 'gi');
}

const GERMAN: readonly Rule[] = (
  [
    ['nicht (?:mehr|länger|langsamer|größer|höher) als', 'no more than'],
    ['nicht (?:weniger|niedriger) als', 'no less than'],
    ['nicht überschr(?:ei|i)t\\w*', 'not exceed'],
    ['überschr(?:ei|i)t\\w*', 'exceed'],
    ['höchstens|maximal|längstens|bis zu', 'at most'],
    ['max\\.(?= ?\\d)', 'at most'],
    ['mindestens|wenigstens|minimal', 'at least'],
    ['min\\.(?= ?\\d)', 'at least'],
    ['(?:weniger|kleiner|kürzer|geringer|niedriger|schneller) als', 'less than'],
    ['(?:mehr|größer|länger|langsamer|höher) als', 'more than'],
    ['innerhalb(?: von)?|binnen', 'within'],
    ['unter(?:halb)?(?: von)?', 'under'],
    ['über', 'over'],
    ['sekunden?|sek\\.?', 'seconds'],
    ['millisekunden?', 'milliseconds'],
    ['minuten?', 'minutes'],
    ['stunden?', 'hours'],
    ['(?:pro|je)(?= (?:seconds|minutes|hours|tag))', 'per'],
    ['per seconds', 'per second'],
    ['per minutes', 'per minute'],
    ['per hours', 'per hour'],
    ['anfragen?|aufrufen?|zugriffen?', 'requests'],
    ['antworten|antwortet', 'responses'],
    ['(?:antwort|reaktions)zeit(?:en)?', 'response time'],
    ['ladezeit(?:en)?', 'load time'],
    ['latenz(?:en)?', 'latency'],
    ['mittler\\w+|durchschnittlich\\w*|im (?:mittel|durchschnitt|schnitt)', 'average'],
    ['fehler(?:rate|quote)', 'error rate'],
    ['erfolgs(?:rate|quote)', 'success rate'],
    ['fehlern?', 'errors'],
    ['fehlschlagen|fehlgeschlagen\\w*|scheitern', 'fail'],
    ['erfolgreich\\w*', 'succeed'],
    ['verfügbarkeit', 'availability'],
    ['durchsatz', 'throughput'],
    ['gleichzeitig\\w*|parallel\\w*', 'concurrent'],
    ['(?:be)?nutzern?|anwendern?', 'users'],
    ['prozent', 'percent'],
    ['im steady state', 'in steady state'],
    ['(?:in|zu|während)(?: der| den)? (?:spitzen(?:zeit|zeiten|last)|stoßzeit(?:en)?)', 'during peak'],
    ['last von', 'load of'],
    ['last', 'load'],
    ['bei', 'at'],
    ['mit', 'with'],
    ['und', 'and'],
    ['oder', 'or'],
    ['während', 'during'],
    ['keine?r?|keinen', 'no'],
    ['nicht', 'not'],
    ['aller|allen|alle', 'all'],
    ['jeder?|jedes', 'every'],
    ['langsamste\\w*', 'slowest'],
    ['dauern|dauert', 'takes'],
    ['etwa|ungefähr|circa|ca\\.', 'about'],
  ] as const
).map(([pattern, english]) => [words(pattern), english] as const);

const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ...'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
    .split(' ')
    .map((word, value) => [word, value] as const),
  ...'twenty thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, index) => [word, 20 + 10 * index] as const),
  ...'null eins zwei drei vier fünf sechs sieben acht neun zehn'
    .split(' ')
    .map((word, value) => [word, value] as const),
  ['einer', 1],
  ['einem', 1],
]);
const SCALES: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['thousand', 1000],
  ['million', 1_000_000],
]);

const TIME_UNIT = '(?:milli)?seconds?|ms|secs?|s|minutes?|mins?|hours?';
const PARTS: ReadonlyMap<string, number> = new Map([
  ['half', 0.5],
  ['third', 1 / 3],
  ['quarter', 0.25],
  ['fifth', 0.2],
  ['tenth', 0.1],
  ['hundredth', 0.01],
]);
const COUNTED =
  '(?:requests?|reqs?|responses?|calls?|hits?|queries|transactions?|users?|vus?|clients|sessions|rps|tps|qps|\\/ ?s)';
const NINES: ReadonlyMap<string, string> = new Map([
  ['2', '99'],
  ['3', '99.9'],
  ['4', '99.99'],
  ['5', '99.999'],
]);
/** Words before "a second" that make it a limit; after "requests" it is a rate. */
const BEFORE_ONE =
  '(?:under|below|within|than|over|above|in|exceed(?:s|ing|ed)?|at most|at least|to|[<>≤≥]=?|of|is|be|takes?|needs?)';

/** The sentence in the common wording. A text without anything to change is returned unchanged, except for its spaces. */
export function inPlainWords(sentence: string): string {
  let text = sentence.replace(/[\u00a0\u202f\u2009]/g, ' ').replace(/[\u2010-\u2015\u2212]/g, '-');
  text = text.replace(/(\d{1,2}(?:[.,]\d+)?)\.?-? ?perzentil\w*/gi, '$1th percentile');
  text = text.replace(/(\d ?(?:%|prozent)) (?:der|aller|von(?: allen)?) /gi, '$1 of ');
  text = text.replace(words('ein(?:er?|en)? halben? sekunde'), 'half a second');
  for (const [pattern, english] of GERMAN) text = text.replace(pattern, english);
  text = text.replace(/\btp(\d{2})\b/gi, 'p$1').replace(/(\d) ?%-?(?:ile|tile)\b/gi, '$1th percentile');
  text = text.replace(
    /\b(?:http )?([45])\d\ds\b(?=.*%)|\bhttp ([45])\d\d\b/gi,
    (_all, a = '', b = '') => `${a}${b}xx errors`,
  );
  text = text.replace(/\bhalf of (?:(?:all|the|our) )*(?=[a-z]+s\b)/gi, '50 % of ');
  text = withPartsOfUnits(text.replace(/\s+/g, ' ').trim());
  text = withDigits(text);
  text = text.replace(
    new RegExp(`\\b(${BEFORE_ONE}) (?:an?|one|1|a single) (second|minute|millisecond)\\b(?! (?:time|\\d))`, 'gi'),
    '$1 1 $2',
  );
  text = text.replace(/\bsub-?(?:second)\b/gi, 'under 1 second').replace(/\bsub[- ]?(?=\d)/gi, 'under ');
  text = text.replace(/\b([2-5]) nines\b/gi, (_all, count: string) => `${NINES.get(count)} %`);
  text = withScales(text);
  return withRatios(text).replace(/\s+/g, ' ').trim();
}

/** Replaces "one and a half seconds", "half a second", "a tenth of a second" and the like by decimals. */
function withPartsOfUnits(text: string): string {
  return text
    .replace(new RegExp(`\\b(\\w+) and a half (${TIME_UNIT})\\b`, 'gi'), (all, whole: string, unit: string) => {
      const value = NUMBER_WORDS.get(whole.toLowerCase()) ?? (/^\d+$/.test(whole) ? Number(whole) : undefined);
      return value === undefined ? all : `${value + 0.5} ${unit}`;
    })
    .replace(new RegExp(`\\bhalf[ -](?:an? )?(${TIME_UNIT})\\b`, 'gi'), '0.5 $1')
    .replace(
      new RegExp(`\\b(\\w+) (third|quarter|fifth|tenth|hundredth)s? of an? (${TIME_UNIT})\\b`, 'gi'),
      (all, count: string, part: string, unit: string) => {
        const times = /^an?$/i.test(count) ? 1 : NUMBER_WORDS.get(count.toLowerCase());
        const of = PARTS.get(part.toLowerCase());
        return times === undefined || of === undefined ? all : `${Number((times * of).toPrecision(6))} ${unit}`;
      },
    );
}

/** Replaces number words by digits: "two hundred milliseconds". A single "one" or "a" is often no number, so it stays. */
function withDigits(text: string): string {
  const known = [...NUMBER_WORDS.keys(), ...SCALES.keys()].join('|');
  const run = new RegExp(
    `(?<![${LETTER}\\d])(?:an? (?=hundred|thousand|million))?(?:${known})(?:(?: |-)(?:${known}))*(?![${LETTER}])`,
    'giu',
  );
  return text.replace(run, (found, at: number) => {
    const parts = found.toLowerCase().split(/[ -]/);
    const alone = parts.length === 1 && /^(?:one|eine[rm]|null|eins)$/.test(parts[0] ?? '');
    if (
      alone &&
      !new RegExp(`^ (?:${TIME_UNIT}|percent|%|in|out|of|per)(?![a-z])`, 'i').test(text.slice(at + found.length))
    ) {
      return found;
    }
    let total = 0;
    let current = 0;
    for (const part of parts) {
      const scale = SCALES.get(part);
      if (scale === undefined) current += NUMBER_WORDS.get(part) ?? (/^an?$/.test(part) ? 1 : 0);
      else if (scale === 100) current = Math.max(current, 1) * scale;
      else {
        total += Math.max(current, 1) * scale;
        current = 0;
      }
    }
    return String(total + current);
  });
}

/** Replaces the scales of "10k requests" and "1.5 million users" by digits. */
function withScales(text: string): string {
  const scaled = new RegExp(
    `(?<![\\w.,])(\\d[\\d.,]*) ?(k|M|m(?:io|illion)\\.?|thousand)(?= ?${COUNTED}(?![a-z]))`,
    'g',
  );
  return text.replace(scaled, (all, digits: string, scale: string) => {
    const number = writtenNumber(digits);
    if (number?.kind !== 'number') return all;
    return String(number.value * (/^(?:k|thousand)$/i.test(scale) ? 1000 : 1_000_000));
  });
}

/** Replaces ratios by percentages: "5 errors per 1,000 requests" is 0.5 % errors, "9 out of 10 requests" 90 % of requests. */
function withRatios(text: string): string {
  const ratio = new RegExp(
    `(?<![\\w.,])(\\d[\\d.,]*) ?(errors?|failures?|failed \\w+)? (?:in|per|out of|of|for every|from)(?: every)? (\\d[\\d.,]*) ?(${COUNTED}|searches|orders|times|cases)?(?![\\w%])`,
    'gi',
  );
  return text.replace(ratio, (all, few: string, errors = '', many: string, things = '') => {
    const [part, whole] = [writtenNumber(few), writtenNumber(many)];
    if (part?.kind !== 'number' || whole?.kind !== 'number' || whole.value < part.value || whole.value < 10) return all;
    const percent = Number(((part.value / whole.value) * 100).toPrecision(12));
    if (errors !== '') return `${percent} % ${errors}`;
    if (things === '' && /\b(?:errors?|fail\w*)\b[^,;]*$/i.test(text.slice(0, text.indexOf(all))))
      return `${percent} %`;
    return things === '' && !/^\s*(?:may|must|fail|error)/i.test(text.slice(text.indexOf(all) + all.length))
      ? all
      : `${percent} % of ${things === '' ? 'requests' : things}`;
  });
}
