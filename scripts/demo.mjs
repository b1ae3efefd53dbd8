// Opens JupyterLab on an example notebook with real debt: npm run demo
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodePackages, program, python, root, run } from './setup.mjs';

nodePackages();
python('lab,demo');

// The example is copied, so that fixes can be tried out; a file that is there already is left as it was changed.
const folder = join(root, 'demo');
mkdirSync(folder, { recursive: true });
cpSync(join(root, 'docs', 'demo'), folder, { recursive: true, force: false });
console.log('\nJupyterLab opens on demo/churn.ipynb; the Debt panel is in the right sidebar. Ctrl-C twice ends it.\n');
run(program('jupyter'), ['lab', ...process.argv.slice(2), '--notebook-dir', folder, join(folder, 'churn.ipynb')]);
