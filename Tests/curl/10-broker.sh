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
json() { calls -H 'Content-Type: application/json' "$@"; }
refused "a field that is not documented" 422 "$(json "$base/events" -d '{"event":{"type":"installation.updated"},"x":1}')" unknown_field
refused "a field that is there twice" 422 "$(json "$base/events" -d '{"event":{"type":"a","type":"installation.updated"}}')" duplicate_field
refused "a body of another content type" 415 "$(calls "$base/events" -d '{}')" content_type
refused "an encoded body" 415 "$(json -H 'Content-Encoding: gzip' "$base/events" -d '{}')" content_coding
refused "a number that floating point does not hold" 422 "$(json -X PUT "$base/resources/db_engine" \
    -d '{"productId":"a","name":"a","status":"ready","metadata":{"a":[1e-400]}}')" rule
check_has "credits are bought" '"purchaseIntent"' \
    "$(json "$BROKER_URL/v1/billing/buy" -d '{"item":{"type":"credits","creditType":"gateway","amount":5}}')"
checkout() {
    json "$BROKER_URL/api/v1/org/acme/credits/checkout" \
        -d "{\"cancel_url\":\"https://app.example/\",\"quantity\":$1,\"success_url\":\"$2/done\"}"
}
check_has "a checkout begins" '"checkout_url"' "$(checkout 1 https://app.example)"
refused "a checkout that would lead elsewhere" 422 "$(checkout 1 https://evil.example)" rule
refused "a checkout of too many bundles" 422 "$(checkout 11 https://app.example)" rule
refused "an invalid assertion" 401 "$(calls "$base/account" -H 'X-SSO-Assertion: a.b.c')" assertion
for path in "icfg_Other/../$installation/account" "$installation//account" "$installation/account/" "$installation/%61ccount"; do
    check_has "an ambiguous path is refused: $path" "^HTTP/1.1 (404|405|422)" "$(calls "$BROKER_URL/v1/installations/$path")"
done
fault api_500
check_has "an error of the marketplace is forwarded" "^HTTP/1.1 500" "$(calls -X POST "$base/billing/finalize")"
fault none
