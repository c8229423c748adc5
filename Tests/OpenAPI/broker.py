"""Makes the broker's description of the marketplace's: with its own refusals, and with what it asks of texts besides."""

import sys

import yaml

REFUSALS = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "424", "429", "501", "502", "503", "504"]

description = yaml.safe_load(sys.stdin)
error = description["components"]["responses"]["Error"]
own = {
    "type": "object",
    "required": ["error", "request_id"],
    "properties": {
        **error["content"]["application/json"]["schema"]["properties"],
        "request_id": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    },
}
for path in description["paths"].values():
    for method, operation in path.items():
        if method == "parameters":
            continue
        for status in REFUSALS:
            known = operation["responses"].get(status)
            schemas = [own]
            if known is not None:
                name = known["$ref"].rsplit("/", 1)[1]
                schemas.append(description["components"]["responses"][name]["content"]["application/json"]["schema"])
            operation["responses"][status] = {
                "description": "Refused, by the marketplace or by the broker.",
                "content": {"application/json": {"schema": {"anyOf": schemas}}},
            }
# They become part of an address.
for parameter in description["paths"]["/v1/billing/buy"]["post"]["parameters"]:
    parameter["schema"] = description["components"]["schemas"]["Identifier"]


def bound(schema):
    """The broker takes integers that a double holds exactly. Up to 2^53 those are all."""
    if isinstance(schema, dict):
        if schema.get("type") == "integer" and schema.get("maximum", 2**53) >= 2**53:
            schema["maximum"] = 2**53
        for part in schema.values():
            bound(part)
    elif isinstance(schema, list):
        for part in schema:
            bound(part)


bound(description["components"]["schemas"])
yaml.safe_dump(description, sys.stdout)
