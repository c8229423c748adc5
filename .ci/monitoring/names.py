#!/usr/bin/env python3
"""Checks that every metric and every label value that rules and dashboard name exists in an exposition: names.py METRICS FILE…
Prints what is missing, and exits with 1 if anything is."""
import json
import re
import sys

NAME = re.compile(r"\b((?:sso_gateway|process)_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
SERIES = re.compile(r"^(\w+)(?:\{(.*)\})? \S+$")
LABEL = re.compile(r'(\w+)="([^"]*)"')
# Prometheus itself adds these.
TARGET = {"job", "instance"}


def exposed(path):
    """The values of each label of each metric."""
    found = {}
    for line in open(path):
        if series := SERIES.match(line.rstrip("\n")):
            labels = found.setdefault(series[1], {})
            for name, value in LABEL.findall(series[2] or ""):
                labels.setdefault(name, set()).add(value)
    return found


def expressions(path):
    """The file's queries. Comments and texts may name metrics as well, so only queries are read."""
    text = open(path).read()
    if not path.endswith(".json"):
        return re.findall(r"^ +expr: (?:\|\n((?: {10,}.*\n)+)|(.*)\n)", text, re.M)
    board = json.loads(text)
    ids = [panel["id"] for panel in board["panels"]]
    if len(set(ids)) != len(ids):
        sys.exit(f"{path}: two panels have one id")
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return queries + [one["query"]["query"] for one in board["templating"]["list"] if one["type"] == "query"]


def main(arguments):
    series, missing, checked = exposed(arguments[0]), [], 0
    for path in arguments[1:]:
        before = checked
        for query in map("".join, expressions(path)):
            for name, matchers in NAME.findall(query):
                checked += 1
                if name not in series:
                    missing.append(f"{path}: no metric {name}")
                    continue
                for label, operator, value in MATCHER.findall(matchers):
                    values = value.split("|") if "~" in operator else [value]
                    known = series[name].get(label, set())
                    if label not in TARGET:
                        missing += [f"{path}: no {name} with {label}={one}" for one in values if one not in known]
        if checked == before:
            missing.append(f"{path}: no query was found")
    print("\n".join(missing) or f"{checked} uses of metrics exist")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
