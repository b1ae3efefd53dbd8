"""Writes the page of every rule, and their table, from the rules themselves: ``python docs/generate.py [--check]``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from paydown.rule import SECTIONS, Rule, all_rules

FOLDER = Path(__file__).parent / "rules"
_DEBT = re.compile(r"^(\s*)(.*?)\s*# debt: (.*)$")


def page(rule: Rule) -> str:
    """A rule's page: its docstring under its name, the examples' findings as remarks."""
    lines = []
    for line in rule.page.split("\n"):
        fence = re.match(r"```python (bad|fixed|good)", line)
        if fence:
            lines += [
                {"bad": "**Debt:**", "fixed": "**Paid off:**", "good": "**No finding:**"}[fence[1]],
                "",
                "```python",
            ]
            continue
        lines.append(_DEBT.sub(r"\1\2  # ← \3", line))
    fixes = [f"- {fix.title} ({'safe' if fix.safe else 'suggested'})" for fix in rule.fixes.values()]
    told = "\n".join(lines).rstrip()
    head = f"# {rule.name} ({rule.code})\n\n*{rule.severity.name.lower()} · {rule.principal} min · section {rule.section}: {rule.section_title}*\n\n"
    return head + told + ("\n\n**Fixes**\n\n" + "\n".join(fixes) if fixes else "") + "\n"


def table(rules: list[Rule]) -> str:
    """The table of all rules, by section."""
    lines = [
        "# The rules",
        "",
        f"{len(rules)} rules, by section of the paper. `paydown explain NAME` prints a page.",
        "",
    ]
    for number, title in SECTIONS.items():
        own = [rule for rule in rules if rule.section == number]
        if own:
            lines += [f"## {number} · {title}", "", "| code | rule | severity | minutes | |", "|---|---|---|---|---|"]
            lines += [
                f"| {rule.code} | [{rule.name}]({rule.name}.md) | {rule.severity.name.lower()} | {rule.principal} "
                f"| {rule.summary.replace('|', '&#124;')} |"
                for rule in own
            ]
            lines.append("")
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """Every file of the folder by name."""
    rules = list(all_rules().values())
    return {"README.md": table(rules), **{f"{rule.name}.md": page(rule) for rule in rules}}


def main() -> int:
    """Write the pages, or say which are not as the rules have them."""
    wanted = pages()
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    if "--check" in sys.argv:
        stale = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
        if stale:
            print("not as the rules have them:", ", ".join(stale))
            print("run: python docs/generate.py")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in present.keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(wanted) - 1} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
