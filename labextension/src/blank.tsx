import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { paidIcon, paydownIcon } from './icons';
import type { DebtModel } from './model';
import { type IActions, type IProblem, VERSION } from './tokens';
import { placeOf } from './words';

interface IBlankActions {
  restart(): void;
  switchOn(): void;
}

interface IBlankProps {
  model: DebtModel;
  actions: IBlankActions;
  trans: TranslationBundle;
}

/** What the panel shows instead of findings, and what to do about it. */
export function Blank({ model, actions, trans }: IBlankProps): React.ReactElement {
  const { current, connection } = model;
  if (connection.kind === 'off') {
    return <Off model={model} actions={actions} trans={trans} />;
  }
  if (!current) {
    return <Word text={trans.__('Open a notebook or a Python file to see its technical debt.')} />;
  }
  if (current.foreign) {
    return <Word text={trans.__('paydown reads Python. The language of %1 is %2.', current.name, current.foreign)} />;
  }
  if (current.tooLong) {
    return <Word text={trans.__('%1 is too long to be sent to the language server.', current.name)} />;
  }
  if (connection.kind === 'restarting') {
    return (
      <Word text={restarting(connection.isCrashing, trans)} isBusy>
        <button type="button" className="pd-Button" onClick={() => actions.restart()}>
          {trans.__('Start it now')}
        </button>
      </Word>
    );
  }
  if (!current.analysed) {
    return <Word text={trans.__('Reading %1…', current.name)} isBusy />;
  }
  return (
    <div className="pd-Blank" role="status">
      <paidIcon.react tag="span" className="pd-Blank-icon pd-mod-paid" />
      <p>{trans.__('No debt found in %1.', current.name)}</p>
    </div>
  );
}

function restarting(isCrashing: boolean, trans: TranslationBundle): string {
  return isCrashing
    ? trans.__('The language server keeps ending. The log of the Jupyter server says why.')
    : trans.__('The language server is starting again…');
}

function Off({ model, actions, trans }: IBlankProps): React.ReactElement {
  const reason = model.connection.kind === 'off' ? model.connection.reason : '';
  if (reason === 'settings') {
    return (
      <Word text={trans.__('paydown is switched off.')}>
        <button type="button" className="pd-Button" onClick={() => actions.switchOn()}>
          {trans.__('Switch it on')}
        </button>
      </Word>
    );
  }
  const again = (
    <button type="button" className="pd-Button" onClick={() => actions.restart()}>
      {trans.__('Try again')}
    </button>
  );
  if (reason === 'extension') {
    return (
      <Word
        text={trans.__('The Jupyter server does not run paydown. Install it where the server runs, then restart it:')}
      >
        <code className="pd-Blank-code">pip install paydown</code>
        <code className="pd-Blank-code">jupyter server extension enable paydown_lsp</code>
        {again}
      </Word>
    );
  }
  return <Word text={trans.__('The Jupyter server asks you to log in. Reload the page.')}>{again}</Word>;
}

interface IWordProps {
  text: string;
  isBusy?: boolean;
  children?: React.ReactNode;
}

function Word({ text, isBusy, children }: IWordProps): React.ReactElement {
  return (
    <div className="pd-Blank" role="status" aria-busy={isBusy ?? false}>
      {isBusy ? (
        <span className="pd-Busy" aria-hidden="true" />
      ) : (
        <paydownIcon.react tag="span" className="pd-Blank-icon" />
      )}
      <p>{text}</p>
      {children}
    </div>
  );
}

interface IBannerProps {
  model: DebtModel;
  problems: readonly IProblem[];
  actions: IActions & IBlankActions;
  trans: TranslationBundle;
}

/** What stands above the findings: the server is away, the page is older than the server, cells that do not parse. */
export function Banner({ model, problems, actions, trans }: IBannerProps): React.ReactElement {
  const { connection, current } = model;
  return (
    <div aria-live="polite">
      {connection.kind === 'restarting' && (
        <div className="pd-Banner">
          <span className="pd-Busy" aria-hidden="true" />
          <span>{restarting(connection.isCrashing, trans)}</span>
        </div>
      )}
      {connection.kind === 'ready' && connection.version !== VERSION && (
        <div className="pd-Banner">
          {trans.__('This page has paydown %1, the server %2. Reload the page.', VERSION, connection.version)}
        </div>
      )}
      {problems.length > 0 && (
        <details className="pd-Banner pd-mod-problems">
          <summary>{trans._n('%1 place does not parse', '%1 places do not parse', problems.length)}</summary>
          <ul>
            {problems.map(({ uri, range, message }, index) => (
              <li key={index}>
                <button type="button" className="pd-Link" onClick={() => void actions.reveal(uri, range)}>
                  {placeOf(current?.place(uri)?.cell ?? null, range.start.line, trans)}: {message}
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
