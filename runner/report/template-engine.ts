// Template files → functions from a view to text. Only this file reads templates.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { messageOf, UserError } from '../system/errors.ts';
import { packageRoot } from '../system/package-root.ts';
import { COMPILED_TEMPLATES, type CompiledTemplate } from './compiled-templates.ts';
import { registerHelpers } from './template-helpers.ts';

/** Templates by name: the shipped ones, or a file of the same name in the user's folder instead. */
export interface Templates {
  /** Renders `<name>.hbs` with a view. Throws a UserError that names the file if the template uses a field that the view lacks. */
  render(name: string, view: object): string;
  /** The parts that `<name>.hbs` marks with {{#piece}}, by name, in page order, without empty ones. Throws like render(). */
  pieces(name: string, view: object): ReadonlyMap<string, string>;
  /** All style sheets of `styles/` in one text, the user's additional ones last. `further`: the file of one that only some pages use. */
  styles(further?: string): string;
}

const SHIPPED = join(packageRoot, 'templates');

/** In CSS order: later files override earlier ones. */
const STYLES = [
  'colours',
  'page',
  'verdict',
  'tables',
  'sections',
  'charts',
  'runs',
  'compare',
  'screens',
  'print',
].map((name) => `styles/${name}.css`);

const TEXT_FILE = /\.(hbs|css)$/;

function readFolder(folder: string): Map<string, string> {
  const names = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && TEXT_FILE.test(entry.name),
  );
  return new Map(names.map(({ name }) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function readTemplates(folder: string): Map<string, string> {
  const files = readFolder(folder);
  for (const inner of ['partials', 'styles']) {
    if (!existsSync(join(folder, inner))) continue;
    for (const [name, text] of readFolder(join(folder, inner))) files.set(`${inner}/${name}`, text);
  }
  return files;
}

/** The template that the build compiled from this text; undefined if the text has changed since. */
function compiledBefore(file: string, text: string): CompiledTemplate | undefined {
  const known = Object.hasOwn(COMPILED_TEMPLATES, file) ? COMPILED_TEMPLATES[file] : undefined;
  if (known === undefined) return undefined;
  return createHash('sha256').update(text).digest('base64') === known.sha256 ? known : undefined;
}

function compile(files: ReadonlyMap<string, string>): Templates {
  const engine = Handlebars.create();
  registerHelpers(engine);
  const compiled = new Map<string, HandlebarsTemplateDelegate>();
  for (const [file, text] of files) {
    if (!file.endsWith('.hbs')) continue;
    const partial = /^partials\/(.+)\.hbs$/.exec(file)?.[1];
    // With `strict` a misspelt field is an error instead of an empty string. Markdown is escaped before it is rendered.
    const options = { strict: true, noEscape: /[.-]md\.hbs$/.test(file) };
    const shipped = compiledBefore(file, text);
    // Handlebars compiles a partial that is text with the options of the template that uses it.
    const template = shipped && engine.template(Object.assign(shipped.spec, { compilerOptions: options }));
    if (partial !== undefined) engine.registerPartial(partial, template ?? text);
    else compiled.set(file.slice(0, -4), template ?? engine.compile(text, options));
  }
  const rendered = (name: string, view: object, pieces?: Map<string, string>) => {
    const template = compiled.get(name);
    if (template === undefined) throw new Error(`no template ${name}.hbs`);
    try {
      return template(view, { data: { pieces } });
    } catch (cause) {
      throw new UserError(
        `Expected the template ${name}.hbs to use only fields of the view model, found: ${messageOf(cause)}`,
        {
          where: `templates/${name}.hbs or one of its partials`,
          next: 'compare it with the original template; templates/README.md lists every field',
          cause,
        },
      );
    }
  };
  return {
    render: (name, view) => rendered(name, view),
    pieces(name, view) {
      const pieces = new Map<string, string>();
      rendered(name, view, pieces);
      return pieces;
    },
    styles(further) {
      const own = [...files.keys()].filter((name) => /^styles\/.*\.css$/.test(name) && !STYLES.includes(name)).sort();
      return [...STYLES, ...(further === undefined ? [] : [further]), ...own]
        .map((name) => files.get(name) ?? '')
        .join('\n');
    },
  };
}

/** Throws a UserError for a syntax error. Handlebars parses a template when it is first rendered, which is only after the run. */
function assertParses(text: string, file: string): void {
  try {
    Handlebars.parse(text);
  } catch (cause) {
    throw new UserError(`Expected a Handlebars template, found: ${messageOf(cause)}`, { where: file, cause });
  }
}

let shipped: Templates | undefined;

/** The shipped templates, replaced by those of `userDir` with the same name. A missing folder or a syntax error is a UserError. */
export function loadTemplates(userDir?: string): Templates {
  if (userDir === undefined) {
    shipped ??= compile(readTemplates(SHIPPED));
    return shipped;
  }
  if (!existsSync(userDir)) {
    throw new UserError(`Expected a folder of templates, found nothing at "${userDir}".`, {
      next: 'give a folder with files such as styles/ours.css or partials/custom.hbs',
    });
  }
  const theirs = readTemplates(userDir);
  for (const [file, text] of theirs) if (file.endsWith('.hbs')) assertParses(text, join(userDir, file));
  return compile(new Map([...readTemplates(SHIPPED), ...theirs]));
}
