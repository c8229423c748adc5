#!/usr/bin/env bash
# The broker, as a partner's server calls it
source "$(dirname "$0")/common.sh"
[ -n "${BROKER_URL:-}" ] || { echo "(skipped: BROKER_URL is not set, because only this machine may reach it)"; exit 0; }
fault none
installation=icfg_AcmeAnalyticalEngines001
base=$BROKER_URL/v1/installations/$installation
token=curl-broker-token
calls() { curl -s --path-as-is -D - -H "Authorization: Bearer $token" "$@" | tr -d '\r'; }
code() { sed -n 's/.*"code":"\([^"]*\)".*/\1/p'; }

answer=$(calls "$base/account")
check_has "a client gets the marketplace's answer" "^HTTP/1.1 200" "$answer"
check_has "with its body" "Analytical Engines" "$answer"
check_lacks "and without its other headers" "^(Set-Cookie|Location|X-SSO-Broker):" "$answer"
check_has "a call with a body is sent" "^HTTP/1.1 201" \
    "$(calls "$base/events" -H 'Content-Type: application/json' -d '{"event":{"type":"installation.updated"}}')"

refused() { check_has "$1 is refused" "^HTTP/1.1 $2" "$3"; check_has "by the broker" "^X-SSO-Broker: refused" "$3"; check "as $4" "$4" "$(code <<<"$3")"; }
refused "no token" 401 "$(curl -s -D - "$base/account" | tr -d '\r')" client_token
refused "a wrong token" 401 "$(token=wrong calls "$base/account")" client_token
refused "an operation that the client may not call" 403 "$(token=curl-reader-token calls "$base/account")" operation
refused "another path" 404 "$(calls "$base/tokens")" not_found
refused "another method" 405 "$(calls -X POST "$base/account")" method
refused "another installation" 424 "$(calls "$BROKER_URL/v1/installations/icfg_Another/account")" no_token
refused "a field that is not documented" 422 "$(calls "$base/events" -d '{"event":{"type":"installation.updated"},"x":1}')" unknown_field
refused "a field that is there twice" 422 "$(calls "$base/events" -d '{"event":{"type":"a","type":"installation.updated"}}')" duplicate_field
refused "an invalid assertion" 401 "$(calls "$base/account" -H 'X-SSO-Assertion: a.b.c')" assertion
for path in "icfg_Other/../$installation/account" "$installation//account" "$installation/account/" "$installation/%61ccount"; do
    check_has "an ambiguous path is refused: $path" "^HTTP/1.1 (404|405|422)" "$(calls "$BROKER_URL/v1/installations/$path")"
done
fault api_500
check_has "an error of the marketplace is forwarded" "^HTTP/1.1 500" "$(calls -X POST "$base/billing/finalize")"
fault none
