import type { Position, TextDocumentContentChangeEvent } from 'vscode-languageserver-protocol';

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
const LF = 10;
const CR = 13;

/** Whether a cut at `offset` would part the halves of a character, or of a line end. */
function parts(text: string, offset: number): boolean {
  if (offset <= 0 || offset >= text.length) {
    return false;
  }
  const unit = text.charCodeAt(offset);
  return isLow(unit) || (unit === LF && text.charCodeAt(offset - 1) === CR);
}

/** The smallest stretch that differs: `before[start, end)` has become `text`. */
export function difference(before: string, after: string): { start: number; end: number; text: string } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) {
    start++;
  }
  while (parts(before, start) || parts(after, start)) {
    start--;
  }
  let same = 0;
  while (
    same < shorter - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  ) {
    same++;
  }
  while (parts(before, before.length - same) || parts(after, after.length - same)) {
    same--;
  }
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

/** The protocol's position of an offset: lines end at \n, \r\n or \r. */
export function positionAt(text: string, offset: number): Position {
  let line = 0;
  let begin = 0;
  for (let index = 0; index < offset; index++) {
    const unit = text.charCodeAt(index);
    if (unit === LF || (unit === CR && text.charCodeAt(index + 1) !== LF)) {
      line++;
      begin = index + 1;
    }
  }
  return { line, character: offset - begin };
}

/** The offset of a position of the protocol; behind its line it is the line's end, behind the text the text's. */
export function offsetAt(text: string, position: Position): number {
  let begin = 0;
  for (let line = 0; line < position.line; line++) {
    begin = nextLine(text, begin);
    if (begin < 0) {
      return text.length;
    }
  }
  let end = begin;
  while (end < text.length && text.charCodeAt(end) !== LF && text.charCodeAt(end) !== CR) {
    end++;
  }
  return Math.min(begin + position.character, end);
}

function nextLine(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === LF || unit === CR) {
      return unit === CR && text.charCodeAt(index + 1) === LF ? index + 2 : index + 1;
    }
  }
  return -1;
}

/** What to tell the server when `before` has become `after`. */
export function contentChange(before: string, after: string): TextDocumentContentChangeEvent {
  const { start, end, text } = difference(before, after);
  return { range: { start: positionAt(before, start), end: positionAt(before, end) }, text };
}

/** The stretch of an array that was replaced: `deleteCount` items from `start` on went, and others arrived. */
export function replaced<T>(
  before: readonly T[],
  after: readonly T[]
): { start: number; deleteCount: number; arrived: T[] } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) {
    start++;
  }
  let same = 0;
  while (same < shorter - start && before[before.length - 1 - same] === after[after.length - 1 - same]) {
    same++;
  }
  return { start, deleteCount: before.length - same - start, arrived: after.slice(start, after.length - same) };
}
