/** How often a server may die before it stays down. */

const CRASHES = 5;
const WITHIN_MS = 3 * 60_000;
const PAUSE_MS = 200;

/** Counts crashes: each gives the pause, in milliseconds, before the server is started again, or undefined for never. */
export function crashCounter(now: () => number = Date.now): () => number | undefined {
  let crashes: number[] = [];
  return () => {
    const time = now();
    crashes = [...crashes.filter(earlier => time - earlier < WITHIN_MS), time];
    return crashes.length < CRASHES ? PAUSE_MS * crashes.length : undefined;
  };
}
