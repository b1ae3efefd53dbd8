import { checksOfDocuments } from './documents';
import { checksOfFixes } from './fixes';
import { checksOfSessions } from './sessions';

export type Check = readonly [name: string, check: () => Promise<void>];

/** In this order: the first ones run without libcst, which the fixes then set up. */
export const checks: readonly Check[] = [...checksOfDocuments, ...checksOfFixes, ...checksOfSessions];
