import type { Surroundings } from '../src/candidates';

/** A machine of which only these files exist. */
export function machine(files: readonly string[] = [], more: Partial<Surroundings> = {}): Surroundings {
  const exists = (file: string): boolean => files.includes(file);
  return { platform: 'linux', environment: {}, home: '/home/ann', folders: ['/projects/churn'], exists, ...more };
}
