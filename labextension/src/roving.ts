import React from 'react';
import type { IItem } from './sections';

/** Which sections are folded. */
export interface IFolds {
  isOpen(section: string): boolean;
  setOpen(section: string, open: boolean): void;
}

export function useFolds(): IFolds {
  const [folded, setFolded] = React.useState<ReadonlySet<string>>(new Set());
  return {
    isOpen: section => !folded.has(section),
    setOpen: (section, open) => {
      const next = new Set(folded);
      if (open) {
        next.delete(section);
      } else {
        next.add(section);
      }
      setFolded(next);
    }
  };
}

interface IRoving {
  /** The id of the row that Tab stops at. */
  readonly stop: string | undefined;
  /** Let Tab stop at another row. */
  readonly activate: (id: string) => void;
  /** For the element of the tree; its rows have the role and their id as data. */
  readonly tree: Pick<React.HTMLAttributes<HTMLDivElement>, 'onFocus' | 'onBlur' | 'onKeyDown'> &
    React.RefAttributes<HTMLDivElement>;
}

/** The keys of a tree: one stop for Tab, arrows inside. The focus stays where it was when its row goes. */
export function useRoving(items: readonly IItem[], folds: IFolds, open: (item: IItem) => void): IRoving {
  const [active, activate] = React.useState('');
  const ref = React.useRef<HTMLDivElement>(null);
  const stop = items.some(({ id }) => id === active) ? active : items[0]?.id;
  const go = (item: IItem | undefined): void => {
    if (item) {
      activate(item.id);
      const rows = ref.current?.querySelectorAll<HTMLElement>('[role="treeitem"]') ?? [];
      [...rows].find(row => row.dataset['id'] === item.id)?.focus();
    }
  };

  // A row that is paid off takes the focus away with it: the row that comes to its place gets it.
  const focused = React.useRef<number | null>(null);
  React.useLayoutEffect(() => {
    if (focused.current !== null && document.activeElement === document.body) {
      go(items[Math.min(focused.current, items.length - 1)]);
    }
  });
  const onFocus = (event: React.FocusEvent): void => {
    const id = event.target.closest<HTMLElement>('[role="treeitem"]')?.dataset['id'];
    focused.current = items.findIndex(item => item.id === id);
  };
  const onBlur = (event: React.FocusEvent): void => {
    if (event.relatedTarget || event.target.isConnected) {
      focused.current = null;
    }
  };

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const index = items.findIndex(({ id }) => id === stop);
    const item = items[index];
    if (!item || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    switch (event.key) {
      case 'ArrowDown':
        go(items[index + 1]);
        break;
      case 'ArrowUp':
        go(items[index - 1]);
        break;
      case 'Home':
        go(items[0]);
        break;
      case 'End':
        go(items[items.length - 1]);
        break;
      case 'ArrowLeft':
        if (item.finding) {
          go(items.find(({ id }) => id === item.section.id));
        } else {
          folds.setOpen(item.id, false);
        }
        break;
      case 'ArrowRight':
        if (item.finding) {
          return;
        }
        if (folds.isOpen(item.id)) {
          go(items[index + 1]);
        } else {
          folds.setOpen(item.id, true);
        }
        break;
      case 'Enter':
      case ' ':
        if ((event.target as HTMLElement).closest('button')) {
          return;
        }
        open(item);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return { stop, activate, tree: { ref, onFocus, onBlur, onKeyDown } };
}
