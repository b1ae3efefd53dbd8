import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React from 'react';
import { idOf, isSafelyFixed } from './look';
import type { IOpenDocument } from './model';
import { useFolds, useRoving } from './roving';
import { FindingRow, type IRowActions } from './row';
import { bySection, countAlike, type ISection, itemsOf } from './sections';
import type { IActions, IFinding } from './tokens';
import { duration, placeOf } from './words';

/** Rows of a section that are shown at first, and with each wish for more. */
const CHUNK = 100;

interface ITreeProps {
  findings: readonly IFinding[];
  /** Those that the filter hides too. */
  all: readonly IFinding[];
  current: IOpenDocument;
  actions: IActions;
  trans: TranslationBundle;
}

/** The findings by section of the paper, as a tree. */
export function Tree({ findings, all, current, actions, trans }: ITreeProps): React.ReactElement {
  const folds = useFolds();
  const [limits, setLimits] = React.useState<Readonly<Record<string, number>>>({});
  const limitOf = (section: ISection): number => limits[section.id] ?? CHUNK;
  const shown = (section: ISection): readonly IFinding[] =>
    folds.isOpen(section.id) ? section.findings.slice(0, limitOf(section)) : [];
  const sections = bySection(findings);
  const { stop, activate, tree } = useRoving(itemsOf(sections, shown), folds, ({ id, finding }) => {
    if (finding) {
      void actions.reveal(finding.uri, finding.range);
    } else {
      folds.setOpen(id, !folds.isOpen(id));
    }
  });
  const alike = countAlike(all);
  // Rows are rendered again only when what they show has changed, so what they call must stay the same.
  const rowActions = React.useMemo<IRowActions>(() => ({ ...bind(actions), activate }), [actions, activate]);

  return (
    <div {...tree} className="pd-Tree" role="tree" aria-label={trans.__('Findings by section of the paper')}>
      {sections.map(section => {
        const isOpen = folds.isOpen(section.id);
        const rest = section.findings.length - limitOf(section);
        return (
          <div
            key={section.id}
            className="pd-Section"
            role="treeitem"
            aria-level={1}
            aria-expanded={isOpen}
            aria-label={trans.__(
              'Section %1, %2: %3, %4',
              section.id,
              section.title,
              trans._n('%1 finding', '%1 findings', section.findings.length),
              duration(section.principal, trans)
            )}
            data-id={section.id}
            tabIndex={stop === section.id ? 0 : -1}
          >
            <SectionHeader
              section={section}
              isOpen={isOpen}
              trans={trans}
              onToggle={() => {
                activate(section.id);
                folds.setOpen(section.id, !isOpen);
              }}
            />
            {isOpen && (
              <div role="group">
                {shown(section).map(finding => (
                  <FindingRow
                    key={idOf(finding)}
                    finding={finding}
                    place={placeOf(current.place(finding.uri)?.cell ?? null, finding.range.start.line, trans)}
                    alike={isSafelyFixed(finding) ? (alike.get(finding.name) ?? 0) : 0}
                    isStop={stop === idOf(finding)}
                    actions={rowActions}
                    trans={trans}
                  />
                ))}
                {rest > 0 && (
                  <button
                    type="button"
                    className="pd-Button pd-mod-plain pd-More"
                    onClick={() => setLimits({ ...limits, [section.id]: limitOf(section) + CHUNK })}
                  >
                    {trans._n('Show %1 more', 'Show %1 more', Math.min(rest, CHUNK))}
                  </button>
                )}
              </div>
            )}
          </div>
        );
      })}
    </div>
  );
}

interface ISectionHeaderProps {
  section: ISection;
  isOpen: boolean;
  trans: TranslationBundle;
  onToggle: () => void;
}

function SectionHeader({ section, isOpen, trans, onToggle }: ISectionHeaderProps): React.ReactElement {
  const caret = isOpen ? caretDownIcon : caretRightIcon;
  return (
    <div className="pd-Section-header" onClick={onToggle}>
      <caret.react tag="span" className="pd-Icon pd-Caret" />
      <span className="pd-Section-title">
        <span className="pd-Section-number">{section.id}</span> {section.title}
      </span>
      <span className="pd-Section-sums">
        <span className="pd-Section-count">{section.findings.length}</span>
        <span>{duration(section.principal, trans)}</span>
      </span>
    </div>
  );
}

function bind(actions: IActions): IActions {
  return {
    fix: (finding, offer) => actions.fix(finding, offer),
    accept: finding => actions.accept(finding),
    explain: name => actions.explain(name),
    reveal: (uri, range) => actions.reveal(uri, range),
    fixAlike: finding => actions.fixAlike(finding),
    alike: finding => actions.alike(finding)
  };
}
