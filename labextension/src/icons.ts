import { LabIcon } from '@jupyterlab/ui-components';

const svg = (size: number, body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 ${size} ${size}">${body}</svg>`;

const icon = (name: string, svgstr: string): LabIcon => new LabIcon({ name: `paydown:${name}`, svgstr });

/** Debt that goes down, step by step. */
export const paydownIcon = icon(
  'debt',
  svg(
    24,
    '<g class="jp-icon3 jp-icon-selectable" fill="#616161"><path d="M3 4h4v16H3zM9 9h4v11H9zM15 14h4v6h-4z"/>' +
      '<path d="M20.3 11.6 12 3.6V7h-1.8V.8h6.3v1.8h-3.1l8.1 7.8z"  transform="matrix(1 0 0 1 1.2 .9)"/></g>'
  )
);

export const warningIcon = icon(
  'warning',
  svg(16, '<path fill="currentColor" d="M8 1.5 15.2 14H.8zM7.2 6v4h1.6V6zm0 5.1v1.6h1.6v-1.6z" fill-rule="evenodd"/>')
);

export const informationIcon = icon(
  'information',
  svg(
    16,
    '<path fill="currentColor" fill-rule="evenodd" d="M8 1.2a6.8 6.8 0 1 1 0 13.6A6.8 6.8 0 0 1 8 1.2zM7.2 7v4.8h1.6V7zm0-2.8v1.6h1.6V4.2z"/>'
  )
);

export const hintIcon = icon(
  'hint',
  svg(
    16,
    '<path fill="currentColor" fill-rule="evenodd" d="M8 1.2a6.8 6.8 0 1 1 0 13.6A6.8 6.8 0 0 1 8 1.2zm0 1.5a5.3 5.3 0 1 0 0 10.6A5.3 5.3 0 0 0 8 2.7zM4.6 7.2h1.6v1.6H4.6zm2.6 0h1.6v1.6H7.2zm2.6 0h1.6v1.6H9.8z"/>'
  )
);

const stroke = (path: string): string =>
  svg(
    16,
    `<path fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" d="${path}"/>`
  );

/** A wand would be magic; a spanner is work. */
export const fixIcon = icon(
  'fix',
  stroke(
    'M13.6 4.6a3.6 3.6 0 0 1-4.8 4.5L4.6 13.3a1.35 1.35 0 0 1-1.9-1.9l4.2-4.2a3.6 3.6 0 0 1 4.5-4.8L9.2 4.6l.4 1.8 1.8.4z'
  )
);
export const acceptIcon = icon('accept', stroke('M2.5 8.5 6 12l7.5-8'));
export const explainIcon = icon(
  'explain',
  stroke('M8 3.9C6.6 2.9 4.6 2.6 2 2.8v9.6c2.6-.2 4.6.1 6 1.1 1.4-1 3.4-1.3 6-1.1V2.8c-2.6-.2-4.6.1-6 1.1zm0 0v9.6')
);
export const backIcon = icon('back', stroke('M9.8 3.2 5 8l4.8 4.8'));
export const restartIcon = icon('restart', stroke('M13.2 8.6A5.3 5.3 0 1 1 11.8 4.2L13.4 5.8M13.4 2.4v3.4H10'));
export const clearIcon = icon('clear', stroke('m4.5 4.5 7 7m0-7-7 7'));
export const paidIcon = icon(
  'paid',
  svg(
    24,
    '<path fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" d="M12 2.8a9.2 9.2 0 1 1 0 18.4 9.2 9.2 0 0 1 0-18.4zM7.6 12.4l3 3 5.8-6.4"/>'
  )
);
