import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { Banner, Blank } from './blank';
import { Filters, matches, NO_FILTER } from './filters';
import { isSafelyFixed } from './look';
import type { DebtModel, IOpenDocument } from './model';
import { principalOf } from './sections';
import type { IActions, IFinding } from './tokens';
import { Tree } from './tree';
import { duration } from './words';

/** What the panel can do besides what can be done about a finding. */
export interface IPanelActions {
  fixAllSafe(): Promise<void>;
  restart(): void;
  switchOn(): void;
}

interface IDebtViewProps {
  model: DebtModel;
  actions: IActions & IPanelActions;
  trans: TranslationBundle;
  /** The search field takes the focus whenever this grows. */
  focus: number;
}

/** The findings of the document in front. */
export function DebtView({ model, actions, trans, focus }: IDebtViewProps): React.ReactElement {
  const [filter, setFilter] = React.useState(NO_FILTER);
  const search = React.useRef<HTMLInputElement>(null);
  // Here, as the field comes and goes with the findings: it takes the focus when it's wanted, not when it comes.
  React.useEffect(() => {
    if (focus) {
      search.current?.focus();
    }
  }, [focus]);

  const { current, connection } = model;
  if (!current || connection.kind === 'off' || current.foreign || current.tooLong) {
    return <Blank model={model} actions={actions} trans={trans} />;
  }
  const findings = model.findingsOf(current);
  const problems = current.texts.flatMap(text => text.problems);
  if (!current.analysed && !findings.length && !problems.length) {
    return <Blank model={model} actions={actions} trans={trans} />;
  }
  const matching = findings.filter(one => matches(one, filter));
  return (
    <div className="pd-View">
      {findings.length > 0 && <Header findings={findings} current={current} actions={actions} trans={trans} />}
      <Banner model={model} problems={problems} actions={actions} trans={trans} />
      {findings.length > 0 && (
        <Filters findings={findings} filter={filter} trans={trans} search={search} onChange={setFilter} />
      )}
      {findings.length === 0 ? (
        <Blank model={model} actions={actions} trans={trans} />
      ) : matching.length === 0 ? (
        <div className="pd-Blank">
          <p>{trans.__('No finding matches the filter.')}</p>
          <button type="button" className="pd-Button" onClick={() => setFilter(NO_FILTER)}>
            {trans.__('Show all')}
          </button>
        </div>
      ) : (
        <Tree findings={matching} all={findings} current={current} actions={actions} trans={trans} />
      )}
    </div>
  );
}

interface IHeaderProps {
  findings: readonly IFinding[];
  current: IOpenDocument;
  actions: IPanelActions;
  trans: TranslationBundle;
}

function Header({ findings, current, actions, trans }: IHeaderProps): React.ReactElement {
  const safe = findings.filter(isSafelyFixed).length;
  return (
    <header className="pd-Header">
      <div className="pd-Total" role="status" title={trans.__('The time it takes to pay all of it off')}>
        <span className="pd-Total-amount">{duration(principalOf(findings), trans)}</span>
        <span className="pd-Total-caption">{trans._n('%1 finding', '%1 findings', findings.length)}</span>
        <span className="pd-Total-name" title={current.name}>
          {current.name}
        </span>
      </div>
      {safe > 0 && (
        <button
          type="button"
          className="pd-Button pd-mod-fix"
          title={trans.__('Make every fix that does not change what the code computes')}
          onClick={() => void actions.fixAllSafe()}
        >
          {trans.__('Fix all safe (%1)', safe)}
        </button>
      )}
    </header>
  );
}
