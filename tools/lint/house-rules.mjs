// House rules that oxlint has no rule for. Loaded by .oxlintrc.json.

/** A lib's index.ts is its public face: a star would publish whatever a file happens to export. */
const noExportAll = {
  create: (context) => ({
    ExportAllDeclaration(node) {
      context.report({ node, message: 'Name what is exported: `export *` publishes by accident.' });
    },
  }),
};

const now = 'The time is an argument here: the same evidence must always give the same decision.';

/** `new Date(ms)` only converts; `new Date()`, `Date()` and `Date.now` ask what time it is. */
const noClock = {
  create: (context) => ({
    NewExpression(node) {
      if (node.callee.name === 'Date' && node.arguments.length === 0)
        context.report({ node, message: now });
    },
    CallExpression(node) {
      if (node.callee.name === 'Date') context.report({ node, message: now });
    },
    MemberExpression(node) {
      if (node.object.name === 'Date' && (node.property.name ?? node.property.value) === 'now')
        context.report({ node, message: now });
    },
  }),
};

const outOfSight =
  'A card is in clear where it is sealed (libs/vault/src/card.ts) and where the gateway’s request is built ' +
  '(apps/worker/src/submission/build-request.ts), and nowhere else.';

/** Any way to get at `CardSecret.cardInClear`: called, taken as a value, by computed name, or out of a pattern. */
const noCardInClear = {
  create: (context) => {
    const isIt = (key) => key?.name === 'cardInClear' || key?.value === 'cardInClear';
    const report = (node) => context.report({ node, message: outOfSight });
    return {
      MemberExpression(node) {
        if (isIt(node.property)) report(node);
      },
      ObjectPattern(node) {
        for (const property of node.properties) if (isIt(property.key)) report(property);
      },
    };
  },
};

export default {
  meta: { name: 'quittance' },
  rules: { 'no-export-all': noExportAll, 'no-clock': noClock, 'no-card-in-clear': noCardInClear },
};
