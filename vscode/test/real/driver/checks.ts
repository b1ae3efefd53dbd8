import { checksOfDocuments } from './documents';
import { checksOfFixes } from './fixes';
import { checksOfSessions } from './sessions';

export type Check = readonly [name: string, check: () => Promise<void>];

export const checks: readonly Check[] = [...checksOfDocuments, ...checksOfFixes, ...checksOfSessions];
