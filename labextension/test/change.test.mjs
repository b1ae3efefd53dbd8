// Edits over texts of every kind of line end and of characters that count two.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentChange, difference, offsetAt, positionAt, replaced } from '../lib/change.js';

const PIECES = ['a', 'b', ' ', '\n', '\r\n', '\r', 'é', '🐍', '🐢', '👩‍🔬'];

/** Numbers that are the same in each run. */
function random(seed) {
  let state = seed;
  return below => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % below;
  };
}

function text(next, length) {
  return Array.from({ length: next(length) }, () => PIECES[next(PIECES.length)]).join('');
}

function edited(next, before) {
  const [one, other] = [next(before.length + 1), next(before.length + 1)].sort((a, b) => a - b);
  return before.slice(0, one) + text(next, 6) + before.slice(other);
}

/** As the server does: lines, then units along the line. */
function applied(before, { range, text }) {
  return before.slice(0, offsetAt(before, range.start)) + text + before.slice(offsetAt(before, range.end));
}

const parted = (text, offset) =>
  /^[\udc00-\udfff]/.test(text.slice(offset)) && /[\ud800-\udbff]$/.test(text.slice(0, offset));

describe('changes of a text', () => {
  it('give what the text has become', () => {
    const next = random(7);
    for (let round = 0; round < 5000; round++) {
      const before = text(next, 30);
      const after = round % 3 ? edited(next, before) : text(next, 30);
      assert.equal(applied(before, contentChange(before, after)), after, JSON.stringify([before, after]));
    }
  });

  it('never part a character', () => {
    const next = random(11);
    for (let round = 0; round < 5000; round++) {
      const before = text(next, 20);
      const after = text(next, 20);
      const { start, end, text: middle } = difference(before, after);
      assert.ok(start <= end);
      assert.equal(before.slice(0, start) + middle + before.slice(end), after);
      assert.ok(!parted(before, start) && !parted(before, end));
      assert.ok(!/^[\udc00-\udfff]/.test(middle) && !/[\ud800-\udbff]$/.test(middle));
    }
  });

  it('are as small as a key press', () => {
    const change = contentChange('x = 1\ny = 🐍\n', 'x = 1\ny = 🐢\n');
    assert.deepEqual(change, {
      range: { start: { line: 1, character: 4 }, end: { line: 1, character: 6 } },
      text: '🐢'
    });
  });
});

describe('positions', () => {
  it('lead there and back', () => {
    const next = random(5);
    for (let round = 0; round < 2000; round++) {
      const whole = text(next, 30);
      for (let offset = 0; offset <= whole.length; offset++) {
        if (whole[offset - 1] !== '\r' || whole[offset] !== '\n') {
          assert.equal(offsetAt(whole, positionAt(whole, offset)), offset, JSON.stringify([whole, offset]));
        }
      }
    }
  });

  it('behind a line or a text are at its end', () => {
    assert.equal(offsetAt('ab\r\ncd', { line: 0, character: 99 }), 2);
    assert.equal(offsetAt('ab\r\ncd', { line: 7, character: 0 }), 6);
  });
});

describe('the stretch of an array that was replaced', () => {
  it('makes the one array of the other, touching as few items as it can', () => {
    const next = random(13);
    const items = () => Array.from({ length: next(7) }, () => next(3));
    for (let round = 0; round < 5000; round++) {
      const [before, after] = [items(), items()];
      const { start, deleteCount, arrived } = replaced(before, after);
      assert.deepEqual(before.toSpliced(start, deleteCount, ...arrived), after);
      assert.ok(deleteCount === 0 || arrived.length === 0 || before[start] !== arrived[0]);
    }
    assert.deepEqual(replaced([1, 2], [1, 2]), { start: 2, deleteCount: 0, arrived: [] });
  });
});
