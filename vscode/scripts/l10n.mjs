// Writes l10n/bundle.l10n.json, the strings that translators begin with; with --check only says whether it's up to date.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

const here = path => new URL(`../${path}`, import.meta.url).pathname;
const target = here('l10n/bundle.l10n.json');

const strings = readdirSync(here('src')).flatMap(name => {
  const source = ts.createSourceFile(name, readFileSync(here(`src/${name}`), 'utf8'), ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = node => {
    if (ts.isCallExpression(node) && /(^|l10n\.)t$/.test(node.expression.getText())) {
      if (!ts.isStringLiteralLike(node.arguments[0])) {
        throw new Error(`${name}: only literal strings can be translated: ${node.getText()}`);
      }
      found.push(node.arguments[0].text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
});
const bundle = `${JSON.stringify(Object.fromEntries([...new Set(strings)].sort().map(text => [text, text])), null, 2)}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== bundle) {
    console.error('l10n/bundle.l10n.json is not up to date: run `npm run -w vscode l10n`.');
    process.exit(1);
  }
} else {
  writeFileSync(target, bundle);
}
