import * as vscode from 'vscode';

/** Much, since two cores may have much else to do; what takes as long as this has failed. */
const PATIENCE_MS = 60_000;

/** What `look` gives as soon as it gives something, looked at again at each of the events. */
export function until<T>(what: string, events: vscode.Event<unknown>[], look: () => T | undefined | false): Promise<T> {
  return new Promise((resolve, reject) => {
    const subscriptions: vscode.Disposable[] = [];
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      subscriptions.forEach(subscription => void subscription.dispose());
      settle();
    };
    const timer = setTimeout(() => end(() => reject(new Error(`waited in vain for ${what}`))), PATIENCE_MS);
    const again = (): void => {
      const seen = look();
      if (seen !== undefined && seen !== false) {
        end(() => resolve(seen));
      }
    };
    subscriptions.push(...events.map(event => event(again)));
    again();
  });
}

/** The findings of these names, and no others of paydown, in a text. */
export function findings(uri: vscode.Uri, ...names: string[]): Promise<vscode.Diagnostic[]> {
  const wanted = [...names].sort().join(', ');
  let seen = '';
  return until(`[${wanted}] in ${uri.toString()}`, [vscode.languages.onDidChangeDiagnostics], () => {
    const ours = paydowns(uri);
    seen = ours.map(nameOf).sort().join(', ');
    return seen === wanted && ours;
  }).catch((error: Error) => {
    const text = vscode.workspace.textDocuments.find(document => document.uri.toString() === uri.toString())?.getText();
    throw new Error(`${error.message}; there is [${seen}] in ${JSON.stringify(text)}`);
  });
}

export function paydowns(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'paydown');
}

export function nameOf(diagnostic: vscode.Diagnostic): string {
  return (diagnostic as unknown as { readonly data: { readonly name: string } }).data.name;
}

/** An event for what has none of its own: looks again every 20 ms. */
export const everyMoment: vscode.Event<void> = listener => {
  const timer = setInterval(() => void listener(), 20);
  return new vscode.Disposable(() => clearInterval(timer));
};
