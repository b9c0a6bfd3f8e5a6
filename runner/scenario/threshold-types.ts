// Types of k6 thresholds: a metric's name decides which statistics its assertions may use. Types only, no code.

import type { BuiltinMetric } from '../model/builtin-metrics.ts';

type Operator = '<' | '<=' | '>' | '>=' | '==' | '===' | '!=';
type Assertion<Statistic extends string> =
  | `${Statistic}${Operator}${number}`
  | `${Statistic} ${Operator} ${number}`
  | `${Statistic}${Operator} ${number}`;

type TrendAssertion = Assertion<'avg' | 'min' | 'max' | 'med' | `p(${number})`>;
type CounterAssertion = Assertion<'count' | 'rate'>;
type GaugeAssertion = Assertion<'value'>;
type RateAssertion = Assertion<'rate'>;

/** One threshold: the assertion, or the assertion with k6's orders to abort. */
export type Threshold<Text extends string = string> =
  | Text
  | {
      threshold: Text;
      /** Stop the run when the assertion does not hold. */
      abortOnFail?: boolean;
      /** Wait this long before the first such stop, such as `10s`. */
      delayAbortEval?: string;
    };

/** The metric itself, or the part of it that has these tags: `http_req_duration{name:GET /products}`. */
type WithTags<Metric extends string> = Metric | `${Metric}{${string}}`;

type Assertions<Metric extends string, Text extends string> = { [Key in WithTags<Metric>]?: Threshold<Text>[] };

/** Thresholds by metric. k6's own metrics take only the statistics they have; your own metrics take any. */
export type Thresholds = Assertions<BuiltinMetric<'trend'>, TrendAssertion> &
  Assertions<BuiltinMetric<'counter'>, CounterAssertion> &
  Assertions<BuiltinMetric<'gauge'>, GaugeAssertion> &
  Assertions<BuiltinMetric<'rate'>, RateAssertion> & {
    [metric: string]: Threshold<TrendAssertion | CounterAssertion | GaugeAssertion>[] | undefined;
  };

/** The tags of a threshold's key: `name:GET /cart,journey:buy` of `http_req_duration{name:GET /cart,journey:buy}`. */
type TagsOf<Key extends string> = Key extends `${string}{${infer Tags}}` ? Tags : '';
type WithoutBlanks<Text extends string> = Text extends ` ${infer Rest}` | `${infer Rest} ` ? WithoutBlanks<Rest> : Text;
/** Names that tags give to a journey. k6 sets the tag `scenario` itself, and a journey is a k6 scenario. */
type JourneysIn<Tags extends string> = Tags extends `${infer Tag},${infer Others}`
  ? JourneysIn<Tag> | JourneysIn<Others>
  : WithoutBlanks<Tags> extends `${'journey' | 'scenario'}:${infer Name}`
    ? WithoutBlanks<Name>
    : never;

/** Keys that name a journey which is none of `Name`; none where the names are not known. */
type Wrong<Name extends string, Key extends string> = string extends Name
  ? never
  : [Name] extends [never]
    ? never
    : Key extends unknown
      ? JourneysIn<TagsOf<Key>> extends Name
        ? never
        : Key
      : never;

/** Thresholds with the keys `Key`; one that names a journey which is none of `Name` takes no assertions. */
export type ThresholdsOf<Name extends string, Key extends string> = Thresholds & {
  [Each in Key]?: Threshold<TrendAssertion | CounterAssertion | GaugeAssertion>[];
} & { [Each in Wrong<Name, Key>]?: `expected a journey of this scenario, found ${JourneysIn<TagsOf<Each>>}` };
