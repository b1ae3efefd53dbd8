import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crashCounter } from '../src/crashes';

describe('a server that dies', () => {
  it('comes back with growing pauses, and the fifth time in three minutes stays down', () => {
    let time = 0;
    const crashed = crashCounter(() => time);
    const pauses = [1, 2, 3, 4, 5].map(() => ((time += 10_000), crashed()));
    assert.deepEqual(pauses, [200, 400, 600, 800, undefined]);
  });

  it('is forgiven what lies three minutes back', () => {
    let time = 0;
    const crashed = crashCounter(() => time);
    const pauses = Array.from({ length: 20 }, () => ((time += 60_000), crashed()));
    assert.ok(pauses.every(pause => pause !== undefined));
  });
});
