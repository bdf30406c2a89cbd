// Reads the tables, columns and enums of prisma/schema.prisma, because the generated client does
// not know the nullability of columns.
import { readFileSync } from 'node:fs';

/** A column of the model; `type` is Postgres's name (`udt_name`). */
export interface ModelColumn {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly isNullable: boolean;
}

/** The content of the schema file, in the database's names. */
export interface PrismaModel {
  readonly columns: readonly ModelColumn[];
  /** The labels by enum type, in order. */
  readonly enums: Readonly<Record<string, readonly string[]>>;
  /** The columns of each table's primary key, in order. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

interface Block {
  readonly kind: 'model' | 'enum';
  readonly name: string;
  readonly lines: readonly string[];
}

const TYPES: Readonly<Record<string, string>> = {
  String: 'text',
  Int: 'int4',
  BigInt: 'int8',
  Boolean: 'bool',
  Bytes: 'bytea',
  DateTime: 'timestamp',
  Json: 'jsonb',
};
const NATIVE: Readonly<Record<string, string>> = {
  'Timestamptz(3)': 'timestamptz(3)',
  Json: 'json',
  Uuid: 'uuid',
};

/** Reads the schema file at `file`. Throws for an unknown type. */
export function readPrismaSchema(file: URL): PrismaModel {
  const blocks = blocksOf(readFileSync(file, 'utf8'));
  const enums = blocks.filter(({ kind }) => kind === 'enum');
  const models = blocks.filter(({ kind }) => kind === 'model');
  const enumTypes = new Map(enums.map((block) => [block.name, mappedName(block)]));
  const modelNames = new Set(models.map(({ name }) => name));
  return {
    columns: models.flatMap((block) => columnsOf(block, enumTypes, modelNames)),
    enums: Object.fromEntries(enums.map((block) => [mappedName(block), labelsOf(block)])),
    keys: Object.fromEntries(models.map((block) => [mappedName(block), keyOf(block)])),
  };
}

function blocksOf(text: string): Block[] {
  const matches = text.matchAll(/^(model|enum) (\w+) \{\n([\s\S]*?)^\}/gm);
  return [...matches].map(([, kind = '', name = '', body = '']) => ({
    kind: kind === 'enum' ? 'enum' : 'model',
    name,
    lines: body
      .split('\n')
      .map((line) => line.replace(/\/\/.*$/, '').trim())
      .filter((line) => line !== ''),
  }));
}

function mappedName({ name, lines }: Block): string {
  const mapped = lines.map((line) => /^@@map\("(\w+)"\)/.exec(line)?.[1]).find(Boolean);
  return mapped ?? name;
}

const fieldLines = ({ lines }: Block) => lines.filter((line) => !line.startsWith('@@'));
const columnName = (line: string) =>
  /@map\("(\w+)"\)/.exec(line)?.[1] ?? line.split(/\s+/)[0] ?? '';
const labelsOf = (block: Block) => fieldLines(block).map(columnName);

function columnsOf(
  block: Block,
  enums: ReadonlyMap<string, string>,
  models: ReadonlySet<string>,
): ModelColumn[] {
  return fieldLines(block).flatMap((line) => {
    const [, written = ''] = line.split(/\s+/);
    const base = written.replace(/\?$|\[\]$/, '');
    if (models.has(base)) return [];
    const one = typeOf(base, line, enums);
    const type = written.endsWith('[]') ? `_${one}` : one;
    return [
      {
        table: mappedName(block),
        column: columnName(line),
        type,
        isNullable: written.endsWith('?'),
      },
    ];
  });
}

function typeOf(base: string, line: string, enums: ReadonlyMap<string, string>): string {
  const unsupported = /Unsupported\("(\w+)"\)/.exec(line)?.[1];
  const native = /@db\.(\w+(?:\(\d+\))?)/.exec(line)?.[1];
  const type = native ? NATIVE[native] : (unsupported ?? enums.get(base) ?? TYPES[base]);
  if (type === undefined) throw new Error(`no Postgres type is known for: ${line}`);
  return type;
}

function keyOf(block: Block): string[] {
  const composite = block.lines.map((line) => /^@@id\(\[(.+?)\]\)/.exec(line)?.[1]).find(Boolean);
  const names = composite
    ? composite.split(',').map((name) => name.trim())
    : fieldLines(block)
        .filter((line) => /\s@id\b/.test(line))
        .map((line) => line.split(/\s+/)[0] ?? '');
  return names.map((name) => {
    const line = fieldLines(block).find((candidate) => candidate.split(/\s+/)[0] === name);
    return columnName(line ?? name);
  });
}
