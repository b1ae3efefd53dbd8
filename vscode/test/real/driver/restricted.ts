/** What is left in a workspace that the user doesn't trust. */

import assert from 'node:assert/strict';
import type { Check } from './checks';
import { findings } from './waiting';
import { closeAll, file, openScript, session } from './workspace';

export const checksInRestrictedMode: readonly Check[] = [
  [
    'in Restricted Mode the bundled server runs, under a Python from outside of the workspace',
    async () => {
      const { state } = await session('running');
      assert.equal(state.launch.server, 'bundled');
      const { command } = state.launch;
      assert.ok(!command.startsWith(file('').fsPath), command);
      const { document } = await openScript('churn.py');
      await findings(document.uri, 'unseeded-randomness');
      await closeAll();
    }
  ]
];
