#!/usr/bin/env bash
# Bad input gets a page with a number, and changes nothing
source "$(dirname "$0")/common.sh"
fault none

refused() {
    local what=$1 answer; shift
    answer=$(curl -s -D headers "$@" || true)
    check_has "$what: 400" "^HTTP/1.1 400" "$(cat headers)"
    check_has "$what: a page with a request number" 'Request <code>[0-9a-f]{16}</code>' "$answer"
    check_lacks "$what: no session" "^Set-Cookie: sso_session=" "$(cat headers)"
}
# A head that does not fit into a connection's memory gets libmicrohttpd's own answer.
too_large() {
    local what=$1; shift
    check_has "$what: 400, 414 or 431" "^HTTP/1.1 4(00|14|31)" "$(headers "$@")"
    check_lacks "$what: no session" "^Set-Cookie: sso_session=" "$(headers "$@")"
}
good=$(query)
long=$(printf 'a%.0s' $(seq 65536))
refused "no parameter at all" "$callback"
refused "no code" "$callback?mode=sso&state=x"
refused "an empty code" "$callback?mode=sso&code=&state=x"
refused "an empty state" "$callback?$(sed 's/state=.*/state=/' <<<"$good")"
refused "an empty mode" "$callback?${good/mode=sso/mode=}"
refused "another mode" "$callback?${good/mode=sso/mode=oidc}"
for name in mode code state resource_id product_id project_id check_id experimentation_item_id invoice_id path support url pr; do
    refused "$name doubled" "$callback?$good&$name=x&$name=y"
    too_large "$name of 64 KiB" "$callback?$good&$name=$long"
    refused "$name in bad UTF-8" "$callback?mode=sso&$name=%ff"
    for byte in 00 0d 0a; do refused "$name with byte $byte" "$callback?mode=sso&$name=a%${byte}b"; done
    refused "$name badly encoded" "$callback?mode=sso&$name=%zz"
done
check "and the code is still valid" 303 "$(status "$callback?$good")"
check "POST is for other addresses" 405 "$(status -X POST "$callback")"
check_has "and the answer lists the allowed methods" "^Allow: GET, HEAD$" "$(headers -X POST "$callback")"
check "an unknown address is 404" 404 "$(status "$GATEWAY_URL/sso/nowhere")"
check "a body of more than 64 KiB is refused" 413 "$(printf '%s' "$long$long" | status -H 'Expect:' --data-binary @- "$GATEWAY_URL/sso/switch")"
