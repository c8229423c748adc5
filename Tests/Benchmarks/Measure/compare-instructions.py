"""Sets instruction counts beside the accepted ones in the manual.

    compare-instructions.py PAGE VERSIONS [--accept] <COUNTS

COUNTS are lines of OPERATION|INSTRUCTIONS. Ends with 1 when an operation is more than 3 % dearer than PAGE says, or when
PAGE cannot be compared with: without a table, with a row too few or too many, with a figure that is none. With --accept,
writes the table into PAGE instead."""
import re
import sys

MARK = "<!-- Tests/Benchmarks/instructions -->"
LIMIT = 3
COMMAND = "Tests/Benchmarks/instructions --accept"


def refuse(text: str):
    print(f"instructions: {text}", file=sys.stderr)
    sys.exit(1)


def number(text: str, where: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,14}", text, re.ASCII):
        refuse(f"{where} is no count of instructions: '{text}'")
    return int(text)


def counts(lines: list[str], separator: str, where: str) -> dict[str, int]:
    found = {}
    for line in lines:
        parts = re.split(separator, line.rstrip())
        if len(parts) != 2 or not parts[0]:
            refuse(f"{where} has a row that cannot be read: '{line.rstrip()}'")
        if parts[0] in found:
            refuse(f"{where} has '{parts[0]}' twice")
        found[parts[0]] = number(parts[1], f"'{parts[0]}' in {where}")
    if not found:
        refuse(f"{where} has no rows")
    return found


def table(versions: str, measured: dict[str, int]) -> str:
    rows = [f"{'':<36} {'instructions':>12}", *(f"{name:<36} {count:>12}" for name, count in measured.items())]
    return "\n".join([MARK, "```", f"with {versions}", "", *rows, "```"])


page_path, versions = sys.argv[1:3]
accept = sys.argv[3:] == ["--accept"]
if sys.argv[3:] and not accept:
    refuse("PAGE VERSIONS [--accept]")
measured = counts(sys.stdin.readlines(), r"\|", "what was counted")
with open(page_path, encoding="utf-8") as file:
    page = file.read()
blocks = list(re.finditer(re.escape(MARK) + r"\n```\n(.*?)\n?```(?=\n|\Z)", page, re.S))
if len(blocks) != 1 or page.count(MARK) != 1:
    refuse(f"{page_path} needs exactly one block of code behind '{MARK}'")

if accept:
    with open(page_path, "w", encoding="utf-8") as file:
        file.write(page[: blocks[0].start()] + table(versions, measured) + page[blocks[0].end() :])
    print(table(versions, measured))
    print(f"\nAccepted: {page_path} goes into the commit that makes the difference.")
    sys.exit(0)

lines = blocks[0][1].split("\n")
if len(lines) < 4 or not lines[0].startswith("with ") or lines[1] or lines[2].split() != ["instructions"]:
    refuse(f"the table in {page_path} has another form; '{COMMAND}' writes it anew")
accepted_versions = lines[0].removeprefix("with ")
accepted = counts(lines[3:], r" {2,}|(?<=\S) (?=\d+$)", f"the table in {page_path}")
for name in measured.keys() - accepted.keys():
    refuse(f"'{name}' has no row in {page_path}; '{COMMAND}' writes one")
for name in accepted.keys() - measured.keys():
    refuse(f"'{name}' has a row in {page_path}, but was not counted")

print(f"with {versions}\n\n{'':<36} {'instructions':>12} {'accepted':>12} {'difference':>11}")
dearer, cheaper = [], []
for name, count in measured.items():
    was = accepted[name]
    difference = f"{(count - was) * 100 / was:+.1f} %"
    print(f"{name:<36} {count:>12} {was:>12} {difference:>11}")
    if count * 100 > was * (100 + LIMIT):
        dearer.append(f"'{name}' takes {count} instructions, {difference} (accepted are {was})")
    if count * 100 < was * (100 - LIMIT):
        cheaper.append(f"'{name}' ({difference})")
if cheaper:
    print(f"\nCheaper by more than {LIMIT} %: {', '.join(cheaper)}. Keep it: {COMMAND}, in the same commit.")
if dearer:
    sys.stdout.flush()
    print(file=sys.stderr)
    if versions != accepted_versions:
        print(f"The versions differ: accepted with {accepted_versions}; counted with {versions}.", file=sys.stderr)
    refuse(
        f"more than {LIMIT} % dearer: {'; '.join(dearer)}. If that is the price of something, {COMMAND} rewrites the "
        f"table in {page_path}; it goes into the same commit.")
