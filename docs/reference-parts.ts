// The reference: every command with its options from commander, every key of the configuration from its JSON Schema, and what scenarios
// import from the types and their comments.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { type ExportedDeclarations, type JSDocableNode, Node, Project } from 'ts-morph';
import { COMMANDS } from '../runner/cli/commands.ts';
import { SETTING_DEFAULTS } from '../runner/config/settings.ts';
import { packageRoot } from '../runner/system/package-root.ts';

/** A heading, a sentence and a table of arguments and options for each command and what is below it. */
export async function commandReference(): Promise<string> {
  const invocation = { finish: () => undefined, k6Args: [] };
  const commands = await Promise.all(Object.values(COMMANDS).map((command) => command(invocation)));
  return commands.flatMap((command) => commandParts(command, 'novaperf')).join('\n\n');
}

function commandParts(command: CommandUnknownOpts, above: string): string[] {
  const name = `${above} ${command.name()}`;
  const help = command.createHelp();
  const args = command.registeredArguments.map((each) => {
    const text = each.variadic ? `${each.name()}...` : each.name();
    return { shown: each.required ? `<${text}>` : `[${text}]`, description: each.description };
  });
  const options = help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((option) => {
      const isShown = option.defaultValue !== undefined && typeof option.defaultValue !== 'boolean';
      const byDefault = isShown ? ` (default: ${String(option.defaultValue)})` : '';
      return `| ${code(option.flags)} | ${cell(option.description + byDefault)} |`;
    });
  const rows = [...args.map(({ shown, description }) => `| ${code(shown)} | ${cell(description)} |`), ...options];
  const title = [name, ...args.map(({ shown }) => shown)].join(' ');
  return [
    `### ${name}`,
    `${sentence(command.description())}`,
    ...(rows.length === 0 ? [] : [[`| ${code(title)} | |`, '|---|---|', ...rows].join('\n')]),
    ...command.commands.flatMap((each) => commandParts(each, name)),
  ];
}

/** A row for each key of the configuration. */
export async function configReference(): Promise<string> {
  const schema: { properties: Record<string, { description?: string }> } = JSON.parse(
    await readFile(join(packageRoot, 'schemas/config.json'), 'utf8'),
  );
  const rows = Object.entries(SETTING_DEFAULTS).map(([key, byDefault]) => {
    const value = byDefault === null ? '' : code(JSON.stringify(byDefault));
    return `| ${code(key)} | ${cell(schema.properties[key]?.description ?? '')} | ${value} |`;
  });
  return ['| key | what it says | default |', '|---|---|---|', ...rows].join('\n');
}

/** What `novaperf` exports: the comment, the declaration without bodies, and a table of the fields of interfaces. */
export function apiReference(): string {
  const project = new Project({
    tsConfigFilePath: join(packageRoot, 'tsconfig.package.json'),
    skipAddingFilesFromTsConfig: true,
  });
  const file = project.addSourceFileAtPath(join(packageRoot, 'runner/scenario/api.ts'));
  project.resolveSourceFileDependencies();
  const exported = [...file.getExportedDeclarations()].sort(([a], [b]) =>
    a.toLowerCase().localeCompare(b.toLowerCase()),
  );
  return exported
    .flatMap(([name, [declaration]]) => (declaration === undefined ? [] : [declared(name, declaration)]))
    .join('\n\n');
}

function declared(name: string, declaration: ExportedDeclarations): string {
  const parts = [`### ${name}`];
  const comment = commentOf(declaration);
  if (comment !== '') parts.push(comment);
  if (Node.isFunctionDeclaration(declaration)) {
    const overloads = declaration.getOverloads();
    const shown = overloads.length === 0 ? [declaration] : overloads;
    parts.push(fenced(shown.map((each) => signatureOf(each.getText())).join('\n')));
  } else if (Node.isVariableDeclaration(declaration)) {
    parts.push(fenced(`const ${name}: ${declaration.getType().getText(declaration)}`.slice(0, 600)));
  } else if (Node.isTypeAliasDeclaration(declaration))
    parts.push(fenced(declaration.getText().replace(/^export /, '')));
  else if (Node.isInterfaceDeclaration(declaration)) {
    const rows = declaration.getMembers().map((member) => {
      const text = member.getText().replace(/;$/, '').replace(/\s+/g, ' ');
      return `| ${code(text)} | ${cell(commentOf(member))} |`;
    });
    parts.push(['| field | |', '|---|---|', ...rows].join('\n'));
  }
  return parts.join('\n\n');
}

/** A function without its body. */
function signatureOf(text: string): string {
  return text
    .replace(/^export /, '')
    .replace(/ \{\n[\s\S]*$/, '')
    .replace(/ \{ .* \}$/, '');
}

function commentOf(node: Node): string {
  const from = Node.isVariableDeclaration(node) ? node.getVariableStatement() : node;
  const docs: JSDocableNode | undefined = from !== undefined && Node.isJSDocable(from) ? from : undefined;
  return (docs?.getJsDocs() ?? [])
    .map((doc) =>
      doc
        .getDescription()
        .trim()
        .replace(/\s*\n\s*/g, ' '),
    )
    .join(' ');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function code(text: string): string {
  return `\`${text.replace(/\|/g, '\\|')}\``;
}

/** Text of a table's cell: a bar would end it, and angle brackets would be taken for HTML. */
function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/</g, '&lt;').replace(/\n/g, ' ');
}

function fenced(text: string): string {
  return `\`\`\`ts\n${text}\n\`\`\``;
}
