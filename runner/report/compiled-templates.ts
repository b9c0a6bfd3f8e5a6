// The shipped templates as JavaScript, by file name. build/compile-templates.mjs fills the table in the bundle; when run from the
// sources it is empty, and templates are compiled at run time.

/** A compiled template; `sha256` is the base64 hash of the text that it was compiled from. */
export interface CompiledTemplate {
  readonly sha256: string;
  readonly spec: TemplateSpecification;
}

export const COMPILED_TEMPLATES: Readonly<Record<string, CompiledTemplate>> = {};
