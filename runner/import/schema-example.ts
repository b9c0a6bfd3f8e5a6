// One valid value of a JSON schema: its example, else the smallest with the required fields.

const DEEPEST = 6;

type Schema = Readonly<Record<string, unknown>>;

/** `name`: for texts without a format, so that an `email` gets an e-mail address. */
export function exampleOf(schema: unknown, name = '', depth = 0): unknown {
  if (!isSchema(schema) || depth > DEEPEST) return null;
  if (schema.example !== undefined) return schema.example;
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0];
  if (Array.isArray(schema.allOf)) return mergedExample(schema, name, depth);
  for (const key of ['oneOf', 'anyOf']) {
    const options = schema[key];
    if (Array.isArray(options) && options.length > 0) return exampleOf(options[0], name, depth + 1);
  }
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
  if (type === 'object' || isSchema(schema.properties)) return objectExample(schema, depth);
  if (type === 'array') return [exampleOf(schema.items, name, depth + 1)];
  if (type === 'integer' || type === 'number') return numberExample(schema);
  if (type === 'boolean') return true;
  return textExample(schema, name);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mergedExample(schema: Schema, name: string, depth: number): unknown {
  const parts = [...(Array.isArray(schema.allOf) ? schema.allOf : []), { ...schema, allOf: undefined }];
  const examples = parts.map((part) => exampleOf(part, name, depth + 1));
  const objects = examples.filter(isSchema);
  return objects.length === 0 ? examples[0] : Object.assign({}, ...objects);
}

function objectExample({ properties, required }: Schema, depth: number): Record<string, unknown> {
  const wanted = Array.isArray(required) ? required : undefined;
  const entries = Object.entries(isSchema(properties) ? properties : {}).filter(
    ([key, property]) =>
      (wanted === undefined || wanted.includes(key)) && !(isSchema(property) && property.readOnly === true),
  );
  return Object.fromEntries(entries.map(([key, property]) => [key, exampleOf(property, key, depth + 1)]));
}

function numberExample({ minimum, exclusiveMinimum, maximum }: Schema): number {
  const least = typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : 1;
  return typeof maximum === 'number' && least > maximum ? maximum : least;
}

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  email: 'user@example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  ipv4: '192.0.2.1',
  byte: 'dGV4dA==',
};

function textExample({ format, minLength, maxLength }: Schema, name: string): string {
  const formatted = typeof format === 'string' ? FORMATS[format] : undefined;
  const text =
    formatted ??
    (/e-?mail/i.test(name) ? 'user@example.com' : /url|uri/i.test(name) ? 'https://example.com/' : name || 'text');
  const padded = typeof minLength === 'number' ? text.padEnd(Math.min(minLength, 1000), 'x') : text;
  return typeof maxLength === 'number' && formatted === undefined ? padded.slice(0, Math.max(0, maxLength)) : padded;
}
