import { PathExt } from '@jupyterlab/coreutils';
import { type Contents, ServerConnection } from '@jupyterlab/services';
import type { CreateFile, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { pathOf } from './sync/uris';

/** A text file that an edit makes. */
export interface INewFile {
  readonly uri: string;
  /** Its path in JupyterLab. */
  readonly path: string;
  readonly text: string;
}

/** The files that an edit makes, which lie below the folder that JupyterLab shows. */
export function filesOf(edit: WorkspaceEdit | null, rootUri: string): INewFile[] {
  const changes = edit?.documentChanges ?? [];
  return changes.flatMap(change => {
    const path = 'kind' in change && change.kind === 'create' ? pathOf(rootUri, change.uri) : null;
    if (path === null) {
      return [];
    }
    const { uri } = change as CreateFile;
    const edits = changes.flatMap(one => ('textDocument' in one && one.textDocument.uri === uri ? one.edits : []));
    const text = edits.map(one => (one as TextEdit).newText).join('');
    return [{ uri, path, text }];
  });
}

/** Make files. Whether all of them were made: where one is there already, none is made and nothing written over. */
export async function createFiles(files: readonly INewFile[], contents: Contents.IManager): Promise<boolean> {
  const made: INewFile[] = [];
  try {
    for (const file of files) {
      if (await isThere(file.path, contents)) {
        await removeFiles(made, contents);
        return false;
      }
      await contents.save(file.path, { type: 'file', format: 'text', content: file.text });
      made.push(file);
    }
  } catch (error) {
    await removeFiles(made, contents);
    throw error;
  }
  return true;
}

/** Take back files that were made a moment ago. */
export async function removeFiles(files: readonly INewFile[], contents: Contents.IManager): Promise<void> {
  await Promise.allSettled(files.map(({ path }) => contents.delete(path)));
}

/** What a person calls the files. */
export function namesOf(files: readonly INewFile[]): string {
  return files.map(({ path }) => PathExt.basename(path)).join(', ');
}

async function isThere(path: string, contents: Contents.IManager): Promise<boolean> {
  try {
    await contents.get(path, { content: false });
    return true;
  } catch (error) {
    if (error instanceof ServerConnection.ResponseError && error.response.status === 404) {
      return false;
    }
    throw error;
  }
}
