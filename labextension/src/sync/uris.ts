import type { Contents } from '@jupyterlab/services';

/** The drive of real-time collaboration holds the same files as the plain one. */
const SAME_FILES = ['', 'RTC'];

/** The URI of a path of JupyterLab. */
export function uriOf(rootUri: string, contents: Contents.IManager, path: string): string {
  const drive = contents.driveName(path);
  const root = SAME_FILES.includes(drive) ? rootUri.replace(/\/$/, '') : `jupyter-drive://${encodeURIComponent(drive)}`;
  const local = contents.localPath(path);
  return `${root}/${local.split('/').map(encodeURIComponent).join('/')}`;
}

/** The path in JupyterLab of a file below its root; none of what lies elsewhere. */
export function pathOf(rootUri: string, uri: string): string | null {
  const root = `${rootUri.replace(/\/$/, '')}/`;
  return uri.startsWith(root) ? decodeURIComponent(uri.slice(root.length)) : null;
}
