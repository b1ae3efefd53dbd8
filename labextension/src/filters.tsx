import type { TranslationBundle } from '@jupyterlab/translation';
import { searchIcon } from '@jupyterlab/ui-components';
import React from 'react';
import { clearIcon } from './icons';
import { severityClass, severityIcon } from './look';
import { type IFinding, Severity } from './tokens';
import { severityName } from './words';

const SEVERITIES = [Severity.Warning, Severity.Information, Severity.Hint] as const;

/** Which findings the panel shows. */
export interface IFilter {
  readonly query: string;
  readonly hidden: ReadonlySet<Severity>;
}

/** All of them. */
export const NO_FILTER: IFilter = { query: '', hidden: new Set() };

/** Whether a filter lets a finding through. */
export function matches(finding: IFinding, { query, hidden }: IFilter): boolean {
  if (hidden.has(finding.severity)) {
    return false;
  }
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${finding.message} ${finding.name} ${finding.code} ${finding.sectionTitle}`.toLowerCase();
  return words.every(word => text.includes(word));
}

interface IFiltersProps {
  findings: readonly IFinding[];
  filter: IFilter;
  trans: TranslationBundle;
  search: React.RefObject<HTMLInputElement>;
  onChange: (filter: IFilter) => void;
}

/** The search field, and a switch for each severity. */
export function Filters({ findings, filter, trans, search, onChange }: IFiltersProps): React.ReactElement {
  const { query, hidden } = filter;
  const setQuery = (query: string): void => onChange({ ...filter, query });
  const toggle = (severity: Severity): void => {
    const next = new Set(hidden);
    if (!next.delete(severity)) {
      next.add(severity);
    }
    onChange({ ...filter, hidden: next });
  };
  return (
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
