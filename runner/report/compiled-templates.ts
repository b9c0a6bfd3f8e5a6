// Shipped templates as JavaScript, by file name: build/compile-templates.mjs fills this in. From the sources there are none, and
// templates are compiled when they are used.

/** `sha256`: of the file's text, in base64, that it was compiled from. */
export interface CompiledTemplate {
  readonly sha256: string;
  readonly spec: TemplateSpecification;
}

export const COMPILED_TEMPLATES: Readonly<Record<string, CompiledTemplate>> = {};
