// Writes src/api/schema.ts from docs/openapi.json; with --check it only says whether that is current.
import { readFileSync, writeFileSync } from 'node:fs';

const document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url)));
const target = new URL('../src/api/schema.ts', import.meta.url);

const reference = (schema) => schema.$ref.split('/').at(-1);

function scalar(type) {
  const names = { integer: 'number', object: 'Record<string, unknown>' };
  return names[type] ?? type;
}

function type(schema) {
  if (schema === true || schema === undefined) return 'unknown';
  if (schema.$ref) return reference(schema);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((it) => JSON.stringify(it)).join(' | ');
  const parts = schema.oneOf ?? schema.anyOf;
  if (parts) return [...new Set(parts.map(type))].join(' | ');
  if (schema.allOf) return schema.allOf.map(type).join(' & ');
  const types = [schema.type ?? 'unknown'].flat();
  return types.map((it) => one(it, schema)).join(' | ');
}

function one(name, schema) {
  if (name === 'array') {
    const item = type(schema.items);
    return /[|&]/.test(item) ? `(${item})[]` : `${item}[]`;
  }
  if (name === 'object' && schema.properties) return object(schema);
  if (name === 'object' && schema.additionalProperties) {
    return `Record<string, ${type(schema.additionalProperties)}>`;
  }
  return scalar(name);
}

function object(schema) {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties).map(([name, property]) => {
    const comment = property.description ? `  /** ${property.description.replaceAll('\n', ' ')} */\n` : '';
    return `${comment}  ${name}${required.has(name) ? '' : '?'}: ${type(property)};`;
  });
  return `{\n${fields.join('\n')}\n}`;
}

const schemas = Object.entries(document.components.schemas);
const text = [
  '// Made by tools/types.js from docs/openapi.json; not to be edited.',
  ...schemas.map(([name, schema]) => `export type ${name} = ${type(schema)};`),
  '',
].join('\n\n');

if (process.argv.includes('--check')) {
  let current = '';
  try {
    current = readFileSync(target, 'utf8');
  } catch {
    // There is none yet.
  }
  if (current !== text) {
    console.error('src/api/schema.ts is not what docs/openapi.json says: run `node tools/types.js`');
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
