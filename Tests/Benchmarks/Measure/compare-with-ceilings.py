"""Compares counts with ceilings. Both are files of lines `OPERATION|INSTRUCTIONS`; `#` begins a comment line.

    compare-with-ceilings.py CEILINGS COUNTS

Ends with 1 when a count is above its ceiling, when an operation is in one file only, or when a line is none."""
import re
import sys


def read(path: str) -> dict[str, int]:
    rows = {}
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("#"):
                continue
            row = re.fullmatch(r"([^|]+)\|([1-9][0-9]{0,14})", line, re.ASCII)
            if not row or row[1] in rows:
                sys.exit(f"instructions: {path} has a line that is not OPERATION|INSTRUCTIONS, or a second one: '{line}'")
            rows[row[1]] = int(row[2])
    return rows


ceilings_path, counts_path = sys.argv[1:]
ceilings, counts = read(ceilings_path), read(counts_path)
if not ceilings or ceilings.keys() != counts.keys():
    names = ", ".join(sorted(ceilings.keys() ^ counts.keys())) or "every operation"
    sys.exit(f"instructions: not both counted and in {ceilings_path}: {names}. Add what is missing there.")
print(f"{'':<36} {'instructions':>12} {'ceiling':>12} {'share':>6}")
for name, ceiling in ceilings.items():
    print(f"{name:<36} {counts[name]:>12} {ceiling:>12} {counts[name] * 100 / ceiling:>4.0f} %", flush=True)
passed = [name for name in ceilings if counts[name] > ceilings[name]]
if passed:
    sys.exit(
        f"instructions: above the ceiling: {', '.join(passed)}. Find what made it dearer (callgrind_annotate on both "
        f"versions) and undo that. If it is worth the price, raise the ceiling in {ceilings_path} and say why in the commit.")
