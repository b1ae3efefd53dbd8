/** The pages of rules, as documents that exist only in the editor. */

import * as vscode from 'vscode';
import type { Session } from './session';

export const SCHEME = 'paydown-rule';

interface Explanation {
  readonly name: string;
  readonly code: string;
  readonly section: string;
  readonly sectionTitle: string;
  readonly markdown: string;
}

export function pages(session: Session): vscode.TextDocumentContentProvider {
  return {
    provideTextDocumentContent: async uri => {
      const name = uri.path.replace(/^\//, '').replace(/\.md$/, '');
      const page = await session.client?.sendRequest<Explanation | null>('paydown/explain', { name });
      return page ? titled(page) : vscode.l10n.t('There is no rule called {0}.', name);
    }
  };
}

function titled({ name, code, section, sectionTitle, markdown }: Explanation): string {
  const about = vscode.l10n.t('{0} · section {1} of the paper: {2}', code, section, sectionTitle);
  return `# ${name}\n\n${about}\n\n${markdown}`;
}

/** The address of a rule's page. What is opened by it is rendered, as the manifest associates it with the preview. */
export function addressOf(name: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}.md` });
}

/** Opens a rule's page, rendered. */
export async function openPage(name: string): Promise<void> {
  const uri = addressOf(name);
  try {
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
  } catch {
    // The built-in Markdown extension can be switched off: then the page is shown as text.
    await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  }
}
