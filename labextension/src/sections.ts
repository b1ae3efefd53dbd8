import { idOf, isSafelyFixed } from './look';
import type { IFinding } from './tokens';

/** A section of the paper, and what was found of its debt. */
export interface ISection {
  readonly id: string;
  readonly title: string;
  readonly findings: readonly IFinding[];
  readonly principal: number;
}

/** A row that the keys go through: a section, or a finding. */
export interface IItem {
  readonly id: string;
  readonly section: ISection;
  readonly finding: IFinding | null;
}

export const principalOf = (findings: readonly IFinding[]): number =>
  findings.reduce((sum, one) => sum + one.principal, 0);

/** The findings by section, in the order of the paper. */
export function bySection(findings: readonly IFinding[]): ISection[] {
  const sections = new Map<string, IFinding[]>();
  for (const finding of findings) {
    const group = sections.get(finding.section);
    if (group) {
      group.push(finding);
    } else {
      sections.set(finding.section, [finding]);
    }
  }
  return [...sections.entries()]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([id, group]) => ({
      id,
      title: group[0]!.sectionTitle,
      findings: group,
      principal: principalOf(group)
    }));
}

/** The rows of sections, `shown` of each: the sections themselves, and the findings of each. */
export function itemsOf(sections: readonly ISection[], shown: (section: ISection) => readonly IFinding[]): IItem[] {
  return sections.flatMap((section): IItem[] => [
    { id: section.id, section, finding: null },
    ...shown(section).map(finding => ({ id: idOf(finding), section, finding }))
  ]);
}

/** How many findings of each rule a safe fix pays off. */
export function countAlike(findings: readonly IFinding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of findings.filter(isSafelyFixed)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
