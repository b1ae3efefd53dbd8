import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import React from 'react';
import { acceptIcon, explainIcon, fixIcon } from './icons';
import { idOf, plain, severityClass, severityIcon } from './look';
import type { IActions, IFinding } from './tokens';
import { duration, pieces, severityName } from './words';

export interface IRowActions extends IActions {
  /** The row takes the tree's stop for Tab. */
  activate(id: string): void;
}

interface IFindingRowProps {
  finding: IFinding;
  place: string;
  /** How many findings of this rule a safe fix pays off, this one among them. */
  alike: number;
  isStop: boolean;
  actions: IRowActions;
  trans: TranslationBundle;
}

/** A finding in the panel's tree. */
export const FindingRow = React.memo(function FindingRow({
  finding,
  place,
  alike,
  isStop,
  actions,
  trans
}: IFindingRowProps) {
  const due = duration(finding.principal, trans);
  const icon = severityIcon(finding.severity);
  return (
    <div
      className={`pd-Finding ${severityClass(finding.severity)}`}
      role="treeitem"
      aria-level={2}
      aria-label={`${severityName(finding.severity, trans)}: ${plain(finding.message)}. ${finding.name}, ${place} · ${due}`}
      data-id={idOf(finding)}
      tabIndex={isStop ? 0 : -1}
      onFocus={() => actions.activate(idOf(finding))}
      onClick={() => void actions.reveal(finding.uri, finding.range)}
    >
      <icon.react tag="span" className="pd-Icon pd-Finding-icon" />
      <div className="pd-Finding-text">
        <div className="pd-Finding-message">
          {pieces(finding.message).map(({ text, tag }, index) => React.createElement(tag, { key: index }, text))}{' '}
          <span className="pd-Finding-name">
            {finding.name} · {due}
          </span>
        </div>
        <div className="pd-Finding-line">
          <span className="pd-Finding-about" title={`${finding.code} ${finding.name} · ${place} · ${due}`}>
            {place}
          </span>
          <span className="pd-Finding-actions">
            {finding.fixes.length > 0 && (
              <Action
                icon={fixIcon}
                label={finding.fixes.length === 1 ? plain(finding.fixes[0]!.title) : trans.__('Choose a fix')}
                isReachable={isStop}
                className="pd-mod-fix"
                onAct={event => fix(finding, actions, event)}
              />
            )}
            {alike > 1 && (
              <button
                type="button"
                className="pd-IconButton pd-mod-fix pd-mod-alike"
                title={trans.__('All %1: make every safe fix of %2', alike, finding.name)}
                aria-label={trans.__('All %1: make every safe fix of %2', alike, finding.name)}
                tabIndex={isStop ? 0 : -1}
                onClick={event => {
                  event.stopPropagation();
                  void actions.fixAlike(finding);
                }}
              >
                {trans.__('All %1', alike)}
              </button>
            )}
            <Action
              icon={acceptIcon}
              label={trans.__('Accept this debt, with a reason')}
              isReachable={isStop}
              onAct={() => void actions.accept(finding)}
            />
            <Action
              icon={explainIcon}
              label={trans.__('Explain %1', finding.name)}
              isReachable={isStop}
              onAct={() => void actions.explain(finding.name)}
            />
          </span>
        </div>
      </div>
    </div>
  );
});

interface IActionProps {
  icon: LabIcon;
  label: string;
  isReachable: boolean;
  className?: string;
  onAct: (event: React.MouseEvent<HTMLElement>) => void;
}

function Action({ icon, label, isReachable, className, onAct }: IActionProps): React.ReactElement {
  return (
    <button
      type="button"
      className={`pd-IconButton ${className ?? ''}`}
      title={label}
      aria-label={label}
      tabIndex={isReachable ? 0 : -1}
      onClick={event => {
        event.stopPropagation();
        onAct(event);
      }}
    >
      <icon.react tag="span" className="pd-Icon" />
    </button>
  );
}

/** Make the one fix there is, or ask which one in a menu. */
function fix(finding: IFinding, actions: IActions, event: React.MouseEvent<HTMLElement>): void {
  if (finding.fixes.length === 1) {
    void actions.fix(finding, finding.fixes[0]!);
    return;
  }
  const commands = new CommandRegistry();
  const menu = new Menu({ commands });
  for (const offer of finding.fixes) {
    commands.addCommand(offer.key, {
      label: plain(offer.title),
      execute: () => actions.fix(finding, offer)
    });
    menu.addItem({ command: offer.key });
  }
  const { left, bottom } = event.currentTarget.getBoundingClientRect();
  menu.aboutToClose.connect(() => void Promise.resolve().then(() => menu.dispose()));
  menu.open(left, bottom);
}
