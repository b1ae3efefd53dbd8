import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon, searchIcon } from '@jupyterlab/ui-components';
import React from 'react';
import { Banner, Blank } from './blank';
import { clearIcon } from './icons';
import { idOf, isSafelyFixed, severityClass, severityIcon } from './look';
import type { DebtModel, IOpenDocument } from './model';
import { FindingRow, type IRowActions } from './row';
import { type IActions, type IFinding, Severity } from './tokens';
import { duration, placeOf, severityName } from './words';

/** Rows of a section that are shown at first, and with each wish for more. */
const CHUNK = 100;

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

interface ISection {
  readonly id: string;
  readonly title: string;
  readonly findings: readonly IFinding[];
  readonly principal: number;
}

/** A row that the keys go through: a section, or a finding. */
interface IItem {
  readonly id: string;
  readonly section: ISection;
  readonly finding: IFinding | null;
}

const SEVERITIES = [Severity.Warning, Severity.Information, Severity.Hint] as const;

const principalOf = (findings: readonly IFinding[]): number => findings.reduce((sum, one) => sum + one.principal, 0);

/** The findings of the document in front. */
export function DebtView({ model, actions, trans, focus }: IDebtViewProps): React.ReactElement {
  const [query, setQuery] = React.useState('');
  const [hidden, setHidden] = React.useState<ReadonlySet<Severity>>(new Set());
  const search = React.useRef<HTMLInputElement>(null);
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
  const matching = findings.filter(one => !hidden.has(one.severity) && matches(one, query));
  const toggle = (severity: Severity): void => {
    const next = new Set(hidden);
    if (!next.delete(severity)) {
      next.add(severity);
    }
    setHidden(next);
  };
  const showAll = (): void => {
    setQuery('');
    setHidden(new Set());
  };
  return (
    <div className="pd-View">
      {findings.length > 0 && <Header findings={findings} current={current} actions={actions} trans={trans} />}
      <Banner model={model} problems={problems} actions={actions} trans={trans} />
      {findings.length > 0 && (
        <div className="pd-Filters">
          <div className="pd-Search">
            <searchIcon.react tag="span" className="pd-Icon" />
            <input
              ref={search}
              type="text"
              role="searchbox"
              value={query}
              placeholder={trans.__('Filter')}
              aria-label={trans.__('Filter findings by text, rule or code')}
              spellCheck={false}
              onChange={event => setQuery(event.target.value)}
              onKeyDown={event => event.key === 'Escape' && setQuery('')}
            />
            {query && (
              <button
                type="button"
                className="pd-IconButton"
                title={trans.__('Clear the filter')}
                aria-label={trans.__('Clear the filter')}
                onClick={() => setQuery('')}
              >
                <clearIcon.react tag="span" className="pd-Icon" />
              </button>
            )}
          </div>
          <div className="pd-Severities" role="group" aria-label={trans.__('Severities shown')}>
            {SEVERITIES.map(severity => (
              <SeverityToggle
                key={severity}
                severity={severity}
                count={findings.filter(one => one.severity === severity).length}
                isShown={!hidden.has(severity)}
                trans={trans}
                onToggle={toggle}
              />
            ))}
          </div>
        </div>
      )}
      {findings.length === 0 ? (
        <Blank model={model} actions={actions} trans={trans} />
      ) : matching.length === 0 ? (
        <div className="pd-Blank">
          <p>{trans.__('No finding matches the filter.')}</p>
          <button type="button" className="pd-Button" onClick={showAll}>
            {trans.__('Show all')}
          </button>
        </div>
      ) : (
        <Tree findings={matching} all={findings} current={current} actions={actions} trans={trans} />
      )}
    </div>
  );
}

function matches(finding: IFinding, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${finding.message} ${finding.name} ${finding.code} ${finding.sectionTitle}`.toLowerCase();
  return words.every(word => text.includes(word));
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

interface ISeverityToggleProps {
  severity: Severity;
  count: number;
  isShown: boolean;
  trans: TranslationBundle;
  onToggle: (severity: Severity) => void;
}

function SeverityToggle({ severity, count, isShown, trans, onToggle }: ISeverityToggleProps): React.ReactElement {
  const label = `${severityName(severity, trans)}: ${count}`;
  const icon = severityIcon(severity);
  return (
    <button
      type="button"
      className={`pd-Severity ${severityClass(severity)}`}
      aria-pressed={isShown}
      aria-label={label}
      title={label}
      onClick={() => onToggle(severity)}
    >
      <icon.react tag="span" className="pd-Icon" />
      {count}
    </button>
  );
}

interface ITreeProps {
  findings: readonly IFinding[];
  /** Those that the filter hides too. */
  all: readonly IFinding[];
  current: IOpenDocument;
  actions: IActions;
  trans: TranslationBundle;
}

/** The findings by section of the paper, as a tree: one stop for Tab, arrows inside. */
function Tree({ findings, all, current, actions, trans }: ITreeProps): React.ReactElement {
  const [collapsed, setCollapsed] = React.useState<ReadonlySet<string>>(new Set());
  const [limits, setLimits] = React.useState<Readonly<Record<string, number>>>({});
  const [active, setActive] = React.useState('');
  const tree = React.useRef<HTMLDivElement>(null);

  const sections = bySection(findings);
  const limitOf = (section: ISection): number => limits[section.id] ?? CHUNK;
  const items = sections.flatMap((section): IItem[] => [
    { id: section.id, section, finding: null },
    ...(collapsed.has(section.id)
      ? []
      : section.findings.slice(0, limitOf(section)).map(finding => ({ id: idOf(finding), section, finding })))
  ]);
  const stop = items.some(({ id }) => id === active) ? active : items[0]?.id;

  // A row that is paid off takes the focus away with it: the row that comes to its place gets it.
  const focused = React.useRef<number | null>(null);
  React.useLayoutEffect(() => {
    if (focused.current !== null && document.activeElement === document.body) {
      go(items[Math.min(focused.current, items.length - 1)]);
    }
  });
  const onFocus = (event: React.FocusEvent): void => {
    const id = event.target.closest<HTMLElement>('[role="treeitem"]')?.dataset['id'];
    focused.current = items.findIndex(item => item.id === id);
  };
  const onBlur = (event: React.FocusEvent): void => {
    if (event.relatedTarget || event.target.isConnected) {
      focused.current = null;
    }
  };

  const setOpen = (section: string, open: boolean): void => {
    const next = new Set(collapsed);
    if (open) {
      next.delete(section);
    } else {
      next.add(section);
    }
    setCollapsed(next);
  };
  const go = (item: IItem | undefined): void => {
    if (item) {
      setActive(item.id);
      const rows = tree.current?.querySelectorAll<HTMLElement>('[role="treeitem"]') ?? [];
      [...rows].find(row => row.dataset['id'] === item.id)?.focus();
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const index = items.findIndex(({ id }) => id === stop);
    const item = items[index];
    if (!item || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const isButton = (event.target as HTMLElement).closest('button') !== null;
    switch (event.key) {
      case 'ArrowDown':
        go(items[index + 1]);
        break;
      case 'ArrowUp':
        go(items[index - 1]);
        break;
      case 'Home':
        go(items[0]);
        break;
      case 'End':
        go(items[items.length - 1]);
        break;
      case 'ArrowLeft':
        if (item.finding) {
          go(items.find(({ id }) => id === item.section.id));
        } else {
          setOpen(item.id, false);
        }
        break;
      case 'ArrowRight':
        if (item.finding) {
          return;
        }
        if (collapsed.has(item.id)) {
          setOpen(item.id, true);
        } else {
          go(items[index + 1]);
        }
        break;
      case 'Enter':
      case ' ':
        if (isButton) {
          return;
        }
        if (item.finding) {
          void actions.reveal(item.finding.uri, item.finding.range);
        } else {
          setOpen(item.id, collapsed.has(item.id));
        }
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const alike = countAlike(all);
  // Rows are rendered again only when what they show has changed, so what they call must stay the same.
  const rowActions = React.useMemo<IRowActions>(() => ({ ...bind(actions), activate: setActive }), [actions]);

  return (
    <div
      ref={tree}
      className="pd-Tree"
      role="tree"
      aria-label={trans.__('Findings by section of the paper')}
      onFocus={onFocus}
      onBlur={onBlur}
      onKeyDown={onKeyDown}
    >
      {sections.map(section => {
        const isOpen = !collapsed.has(section.id);
        const caret = isOpen ? caretDownIcon : caretRightIcon;
        const limit = limitOf(section);
        const rest = section.findings.length - limit;
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
            <div
              className="pd-Section-header"
              onClick={() => {
                setActive(section.id);
                setOpen(section.id, !isOpen);
              }}
            >
              <caret.react tag="span" className="pd-Icon pd-Caret" />
              <span className="pd-Section-title">
                <span className="pd-Section-number">{section.id}</span> {section.title}
              </span>
              <span className="pd-Section-sums">
                <span className="pd-Section-count">{section.findings.length}</span>
                <span>{duration(section.principal, trans)}</span>
              </span>
            </div>
            {isOpen && (
              <div role="group">
                {section.findings.slice(0, limit).map(finding => {
                  const place = current.place(finding.uri);
                  return (
                    <FindingRow
                      key={idOf(finding)}
                      finding={finding}
                      place={placeOf(place?.cell ?? null, finding.range.start.line, trans)}
                      alike={isSafelyFixed(finding) ? (alike.get(finding.name) ?? 0) : 0}
                      isStop={stop === idOf(finding)}
                      actions={rowActions}
                      trans={trans}
                    />
                  );
                })}
                {rest > 0 && (
                  <button
                    type="button"
                    className="pd-Button pd-mod-plain pd-More"
                    onClick={() => setLimits({ ...limits, [section.id]: limit + CHUNK })}
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

/** How many findings of each rule a safe fix pays off. */
function countAlike(findings: readonly IFinding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of findings.filter(isSafelyFixed)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function bySection(findings: readonly IFinding[]): ISection[] {
  const sections = new Map<string, IFinding[]>();
  for (const finding of findings) {
    const group = sections.get(finding.section);
    if (group) {
      group.push(finding);
    } else {
      sections.set(finding.section, [finding]);
    }
  }
  return [...sections.entries()]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([id, group]) => ({
      id,
      title: group[0]!.sectionTitle,
      findings: group,
      principal: principalOf(group)
    }));
}
