import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { Range } from 'vscode-languageserver-protocol';

/** The version of this extension; the server tells its own when it is connected. */
export const VERSION = '0.1.0';

/** The id of the plugin, and of its settings. */
export const PLUGIN_ID = 'paydown:plugin';

/** How loudly a finding speaks; the numbers are the Language Server Protocol's. */
export enum Severity {
  Error = 1,
  Warning = 2,
  Information = 3,
  Hint = 4
}

/** A way to pay a finding off. A fix with a command edits nothing. */
export interface IFixOffer {
  readonly key: string;
  readonly title: string;
  readonly safe: boolean;
  readonly command: string;
}

/** Another place that belongs to a finding. */
export interface IRelated {
  readonly uri: string;
  readonly range: Range;
  readonly message: string;
}

/** One piece of debt, where it stands now. The same object stands for it as long as nothing about it changes. */
export interface IFinding {
  /** The text it stands in: a cell, or a script. */
  readonly uri: string;
  readonly range: Range;
  readonly severity: Severity;
  readonly code: string;
  readonly name: string;
  readonly message: string;
  /** Minutes to pay it off. */
  readonly principal: number;
  /** The section of the paper, by number, and its title. */
  readonly section: string;
  readonly sectionTitle: string;
  readonly fingerprint: string;
  readonly fixes: readonly IFixOffer[];
  readonly related: readonly IRelated[];
  /** Code that does nothing: editors fade it. */
  readonly unnecessary: boolean;
}

/** A place that could not be parsed. */
export interface IProblem {
  readonly uri: string;
  readonly range: Range;
  readonly message: string;
}

/** The page of a rule. */
export interface IRulePage {
  readonly name: string;
  readonly code: string;
  readonly title: string;
  readonly section: string;
  readonly sectionTitle: string;
  readonly markdown: string;
}

/** How the connection with the language server stands. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'restarting'; readonly isCrashing: boolean }
  | { readonly kind: 'off'; readonly reason: 'settings' | 'extension' | 'login' };

/** What can be done about findings; the tooltip, the panel and the commands all do it through this. */
export interface IActions {
  fix(finding: IFinding, offer: IFixOffer): Promise<void>;
  accept(finding: IFinding): Promise<void>;
  explain(name: string): Promise<void>;
  reveal(uri: string, range: Range): Promise<void>;
  /** Make the safe fixes of all findings of its rule, in its document. */
  fixAlike(finding: IFinding): Promise<void>;
  /** How many findings of its rule a safe fix pays off in its document. */
  alike(finding: IFinding): number;
}

/** The debt of the open notebooks and scripts. */
export interface IDebt {
  /** The findings of the document in front, in the order of the document, from the chosen severity up. */
  readonly findings: readonly IFinding[];
  /** Emitted when they, or the document in front, change. */
  readonly changed: ISignal<IDebt, void>;
}

/** The service that other extensions may ask for. */
export const IDebt = new Token<IDebt>('paydown:IDebt', 'The technical debt that paydown finds in open documents.');
