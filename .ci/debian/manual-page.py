#!/usr/bin/env python3
"""Writes sso-gateway(1) from the commands' own help: manual-page.py VERSION <HELP.json"""
import json
import sys


def text(value):
    return value.replace("\\", "\\e").replace("-", "\\-")


def option(argument):
    names = ", ".join(("-" if name["kind"] == "short" else "--") + name["name"] for name in argument.get("names", []))
    value = argument.get("valueName", "")
    if argument["kind"] == "positional":
        return f"<{value}>"
    return names if argument["kind"] == "flag" else f"{names} <{value}>"


def command(node, names):
    lines = [f'.SS {text(" ".join(names))}', text(node.get("abstract", ""))]
    if node.get("discussion"):
        lines += [".PP", text(node["discussion"])]
    for argument in node.get("arguments", []):
        if not argument.get("shouldDisplay", True) or argument.get("valueName") == "help":
            continue
        default = f' Default: {argument["defaultValue"]}.' if argument.get("defaultValue") else ""
        lines += [".TP", f".B {text(option(argument))}", text(argument.get("abstract", "") + default)]
    for child in node.get("subcommands", []):
        if child["commandName"] != "help":
            lines += command(child, names + [child["commandName"]])
    return lines


root = json.load(sys.stdin)["command"]
page = [
    f'.TH SSO\\-GATEWAY 1 "" "sso-gateway {sys.argv[1]}"',
    ".SH NAME", f'sso\\-gateway \\- {text(root["abstract"])}',
    ".SH SYNOPSIS", ".B sso\\-gateway", ".I command", "[options]",
    ".SH COMMANDS",
]
for child in root["subcommands"]:
    if child["commandName"] != "help":
        page += command(child, ["sso-gateway", child["commandName"]])
page += [
    ".SH FILES",
    ".TP", ".B /etc/sso\\-gateway/gateway.yaml", "The configuration.",
    ".TP", ".B /var/lib/sso\\-gateway/keys.json", "The key ring.",
    ".SH EXIT STATUS",
    "0 success, 1 refused or failed, 64 wrong usage, 78 bad configuration.",
]
print("\n".join(page))
