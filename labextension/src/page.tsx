import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { backIcon } from './icons';
import type { IRulePage } from './tokens';

const MARKDOWN = 'text/markdown';

interface IRulePageProps {
  page: IRulePage;
  rendermime: IRenderMimeRegistry | null;
  trans: TranslationBundle;
  onBack: () => void;
  /** The page takes the focus whenever this grows. */
  focus: number;
}

/** The page of a rule inside the panel. */
export function RulePage({ page, rendermime, trans, onBack, focus }: IRulePageProps): React.ReactElement {
  const back = React.useRef<HTMLButtonElement>(null);
  const before = React.useRef<Element | null>(null);
  React.useLayoutEffect(() => {
    before.current = document.activeElement;
  }, []);
  React.useEffect(() => back.current?.focus(), [page, focus]);
  // The focus goes back to where the page was asked for, or to the tree.
  React.useEffect(() => {
    const panel = back.current?.closest('.pd-Panel');
    return () => {
      const known = before.current instanceof HTMLElement && panel?.contains(before.current) ? before.current : null;
      (known ?? panel?.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]'))?.focus();
    };
  }, []);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onBack();
    }
  };
  return (
    <article className="pd-Page" aria-label={page.name} onKeyDown={onKeyDown}>
      <header className="pd-Page-header">
        <button ref={back} type="button" className="pd-Button pd-mod-plain" onClick={onBack}>
          <backIcon.react tag="span" className="pd-Icon" />
          {trans.__('All findings')}
        </button>
      </header>
      <div className="pd-Page-body">
        <h2 className="pd-Page-title">{page.name}</h2>
        <p className="pd-Page-about">
          {page.code} · {trans.__('section %1 of the paper: %2', page.section, page.sectionTitle)}
        </p>
        <Markdown source={page.markdown} rendermime={rendermime} />
      </div>
    </article>
  );
}

/** Markdown through JupyterLab's own renderer, sanitised; without one, as it was written. */
function Markdown({
  source,
  rendermime
}: {
  source: string;
  rendermime: IRenderMimeRegistry | null;
}): React.ReactElement {
  const host = React.useRef<HTMLDivElement>(null);
  const canRender = rendermime?.mimeTypes.includes(MARKDOWN) ?? false;
  React.useEffect(() => {
    if (!rendermime || !canRender || !host.current) {
      return;
    }
    const renderer = rendermime.createRenderer(MARKDOWN);
    // Its node only: React takes the host away before a widget would be told to detach.
    host.current.append(renderer.node);
    void renderer.renderModel(rendermime.createModel({ data: { [MARKDOWN]: source }, trusted: false }));
    return () => renderer.dispose();
  }, [source, rendermime, canRender]);
  return canRender ? <div ref={host} /> : <pre className="pd-Page-source">{source}</pre>;
}
