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
yaml.safe_dump(description, sys.stdout)
