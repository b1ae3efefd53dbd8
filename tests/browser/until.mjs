import { setTimeout as pause } from 'node:timers/promises';

/** What a slow machine may need for anything; a test that passes doesn't wait for it. */
export const PATIENCE = Number(process.env.PAYDOWN_TEST_PATIENCE ?? 60_000);

/**
 * Ask again and again until the answer is true, and give it back.
 *
 * @template T
 * @param {string} what what is waited for, for the message of the error
 * @param {() => T | Promise<T>} ask
 * @returns {Promise<T>}
 */
export async function until(what, ask) {
  const deadline = Date.now() + PATIENCE;
  /** @type {unknown} */
  let last;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer) {
        return answer;
      }
      last = answer;
    } catch (error) {
      last = error;
    }
    await pause(30);
  }
  throw new Error(`waited in vain: ${what} (last: ${last})`);
}

/**
 * Wait until `ask` gives `expected`.
 *
 * @param {string} what
 * @param {unknown} expected
 * @param {() => unknown} ask
 */
export async function becomes(what, expected, ask) {
  const wanted = JSON.stringify(expected);
  let last = '';
  await until(what, async () => (last = JSON.stringify(await ask())) === wanted).catch(() => {
    throw new Error(`${what}: ${last} instead of ${wanted}`);
  });
}
