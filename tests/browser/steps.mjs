import { it } from 'node:test';

/**
 * Steps of one session in one page: each stands on those before it, so that after a failure the rest isn't tried.
 *
 * @param {() => Promise<void>} onFailure
 */
export function steps(onFailure) {
  let failed = '';
  /**
   * @param {string} name
   * @param {(t: import('node:test').TestContext) => Promise<void> | void} act
   */
  return (name, act) =>
    it(name, async t => {
      if (failed) {
        throw new Error(`not tried, as "${failed}" failed`);
      }
      try {
        await act(t);
      } catch (error) {
        failed = name;
        await onFailure();
        throw error;
      }
    });
}
