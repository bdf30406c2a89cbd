// House rules that oxlint has no rule for. Loaded by .oxlintrc.json.
import { dirname, join, relative } from 'node:path';

/** @typedef {Parameters<import('oxlint/plugins-dev').RuleTester['run']>[1]} Rule */
/** @typedef {Record<string, { libs?: string[], packages?: string[] }>} Units */

const TEST = /\.(spec|int-spec|fixture)\.ts$|^(apps|libs)\/[^/]+\/test\//;
const LIB = '@quittance/';

/**
 * A node of the syntax tree, with the members that are read of any.
 * @typedef {{ type: string, name?: unknown, value?: unknown, left?: unknown, right?: unknown, expressions?: unknown }} Node
 */

/**
 * The app, lib or package that a path lies in, such as `libs/vault`; undefined elsewhere.
 * @param {string} path
 */
const unitOf = (path) => /^(?:apps|libs|packages)\/[^/]+/.exec(path)?.[0];

/**
 * True when one of `patterns` is the package; a pattern may end in `*`.
 * @type {(name: string, patterns: readonly string[]) => boolean}
 */
const isNamed = (name, patterns) =>
  patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );

/**
 * The reason that a file may not import a module; undefined if it may.
 * @param {string} file path below the repository's root
 * @param {string} name the module as the import spells it
 * @param {Record<string, { libs?: string[], packages?: string[] }>} units what each app or lib
 *   may import: libs by their folder, packages by their name. An app may import everything of a
 *   kind that its row does not list.
 */
function refusalOf(file, name, units) {
  const unit = unitOf(file);
  if (name.startsWith('.')) {
    const target = join(dirname(file), name);
    const other = unitOf(target);
    if (other !== undefined && other !== unit)
      return 'Import a lib by its name; an app imports no other app.';
    if (unit !== undefined && !TEST.test(file) && !target.startsWith(`${unit}/src/`))
      return `${unit} imports no file outside of its src/ folder.`;
    return undefined;
  }
  const lib = name.startsWith(LIB) ? name.slice(LIB.length) : undefined;
  if (lib?.includes('/')) return 'A lib shows what its index.ts exports, and nothing behind it.';
  if (unit === undefined || TEST.test(file)) return undefined;
  const { libs, packages } = units[unit] ?? units[unit.replace(/\/.*/, '/*')] ?? {};
  const [listed, wanted] = lib === undefined ? [packages, name] : [libs, lib];
  const isAllowed = listed === undefined ? unit.startsWith('apps/') : isNamed(wanted, listed);
  return isAllowed ? undefined : `${unit} may not import ${name}.`;
}

/**
 * Which app or lib may import what. Types count: knowing a lib's types is knowing the lib.
 * @type {Rule}
 */
const moduleBoundaries = {
  meta: { schema: [{ type: 'object' }] },
  create(context) {
    const file = relative(context.cwd, context.filename).replaceAll('\\', '/');
    /** @param {{ range: [number, number], source?: unknown }} node */
    const check = (node) => {
      const name = /** @type {Node | undefined} */ (node.source)?.value;
      const refusal =
        typeof name === 'string'
          ? refusalOf(file, name, /** @type {Units} */ (context.options[0]))
          : undefined;
      if (refusal !== undefined) context.report({ node, message: refusal });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

/**
 * A lib's index.ts is its public face: a star would publish whatever a file happens to export.
 * @type {Rule}
 */
const noExportAll = {
  create: (context) => ({
    ExportAllDeclaration(node) {
      context.report({ node, message: 'Name what is exported: `export *` publishes by accident.' });
    },
  }),
};

/**
 * An identifier's name or a literal's value.
 * @param {unknown} node
 */
const nameOf = (node) => {
  const { name, value } = /** @type {Node} */ (node);
  return name ?? value;
};

const now = 'The time is an argument here: the same evidence must always give the same decision.';

/**
 * `new Date(ms)` only converts; `new Date()`, `Date()` and `Date.now` ask what time it is.
 * @type {Rule}
 */
const noClock = {
  create: (context) => ({
    NewExpression(node) {
      if (nameOf(node.callee) === 'Date' && node.arguments.length === 0)
        context.report({ node, message: now });
    },
    CallExpression(node) {
      if (nameOf(node.callee) === 'Date') context.report({ node, message: now });
    },
    MemberExpression(node) {
      if (nameOf(node.object) === 'Date' && nameOf(node.property) === 'now')
        context.report({ node, message: now });
    },
  }),
};

const outOfSight =
  'A card is in clear where it is sealed (libs/vault/src/card.ts) and where the gateway’s request is built ' +
  '(apps/worker/src/submission/create-request-builder.ts), and nowhere else.';

/**
 * A private member is a `#name`, which holds at run time. `private` remains where `#` cannot stand.
 * @type {Rule}
 */
const privateMembers = {
  create: (context) => {
    /** @param {{ range: [number, number], accessibility?: unknown, kind?: unknown }} node */
    const check = (node) => {
      if (node.accessibility === 'private' && node.kind !== 'constructor')
        context.report({
          node,
          message: 'Write #name: `private` is for constructors and what they are given.',
        });
    };
    return { PropertyDefinition: check, MethodDefinition: check, AccessorProperty: check };
  },
};

const CONSTANT = /^[A-Z][A-Z0-9_]*$/;

/**
 * A value that is written down: a number, a text or an expression, or numbers in a calculation.
 * @param {unknown} value
 * @returns {boolean}
 */
function isWrittenDown(value) {
  const node = /** @type {Node | null} */ (value);
  if (node?.type === 'BinaryExpression')
    return isWrittenDown(node.left) && isWrittenDown(node.right);
  if (node?.type === 'TemplateLiteral')
    return Array.isArray(node.expressions) && node.expressions.length === 0;
  return node?.type === 'Literal' && typeof node.value !== 'boolean';
}

/**
 * A value that is written down at the top of a file has a name in capitals.
 * @type {Rule}
 */
const constantCase = {
  create: (context) => ({
    Program({ body }) {
      const declarations = body
        .map((node) => (node.type === 'ExportNamedDeclaration' ? node.declaration : node))
        .flatMap((node) =>
          node?.type === 'VariableDeclaration' && node.kind === 'const' ? node.declarations : [],
        );
      for (const { id, init } of declarations)
        if (id.type === 'Identifier' && isWrittenDown(init) && !CONSTANT.test(id.name))
          context.report({ node: id, message: 'Write the name of a constant in CAPITALS.' });
    },
  }),
};

/**
 * Any way to get at `CardSecret.cardInClear`: called, taken as a value, by computed name, or out
 * of a pattern.
 * @type {Rule}
 */
const noCardInClear = {
  create: (context) => {
    /** @param {{ range: [number, number] }} node */
    const report = (node) => context.report({ node, message: outOfSight });
    return {
      MemberExpression(node) {
        if (nameOf(node.property) === 'cardInClear') report(node);
      },
      ObjectPattern(node) {
        for (const property of node.properties)
          if ('key' in property && nameOf(property.key) === 'cardInClear') report(property);
      },
    };
  },
};

export default {
  meta: { name: 'quittance' },
  rules: {
    'module-boundaries': moduleBoundaries,
    'no-export-all': noExportAll,
    'no-clock': noClock,
    'no-card-in-clear': noCardInClear,
    'private-members': privateMembers,
    'constant-case': constantCase,
  },
};
