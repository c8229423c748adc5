#!/bin/bash
# The callback's parameters, each in every bad form: refused with a page, nobody signed in, no code spent.
source "${BASH_SOURCE%/*}/checks.bash" || exit 1
echo "Bad input"

address=$GATEWAY_URL/sso/callback
printf -v kilobytes '%065536d' 0

# refused WHAT QUERY
refused() {
    ask "$address?$2"
    local what="$1: 400, a request id, no session" got=$status
    grep -qE 'Request <code>[0-9a-f]{8,}' "$work/body" || got+=", no request id in the page"
    [[ -z $(session_cookie) ]] || got+=", a session"
    is "$what" 400 "$got"
}

new_code
before=$(counter exchanges)
ask "$address"
is "no query at all" 400 "$status"
refused "an empty query" ''
refused "ampersands alone" '&&&'
refused "no code" "mode=sso&state=$state"
refused "an empty code" "mode=sso&code=&state=$state"
refused "a code without =" "mode=sso&code&state=$state"
refused "an empty state" "mode=sso&code=$code&state="
refused "an empty mode" "mode=&code=$code&state=$state"
refused "another mode" "mode=SSO&code=$code&state=$state"
refused "an error instead of a code" 'mode=sso&error=access_denied'
names='mode code state product_id resource_id project_id check_id experimentation_item_id invoice_id path support url pr'
for name in $names; do
    case $name in
    mode) rest="code=$code&state=$state" value=sso ;;
    code) rest="mode=sso&state=$state" value=$code ;;
    state) rest="mode=sso&code=$code" value=$state ;;
    *) rest="mode=sso&code=$code&state=$state" value=x ;;
    esac
    refused "$name twice" "$rest&$name=$value&$name=$value"
    refused "$name twice, once under percent signs" "$rest&$name=$value&%$(printf '%x' "'${name:0:1}")${name:1}=$value"
    refused "$name with 64 KiB" "$rest&$name=$kilobytes"
    for bytes in %ff %c0%af %ed%a0%80 %f4%90%80%80 %00 %0d %0a %0d%0aSet-Cookie:%20sso_session=x %09 %7f % %2 %zz %u0041; do
        refused "$name with $bytes" "$rest&$name=$value$bytes"
    done
done
refused "an unknown parameter that is not UTF-8" "mode=sso&code=$code&state=$state&colour=%ff"
many=$(printf '&x%s=1' {1..64})
refused "more parameters than anybody sends" "mode=sso&code=$code&state=$state$many"
for length in 4097 8193; do
    printf -v long '%0*d' "$length" 0
    refused "a code of $length bytes" "mode=sso&code=$long&state=$state"
done
is "none of these was exchanged" "$before" "$(counter exchanges)"
ask "$callback"
is "so the code still signs in" 303 "$status"

new_code
ask "$address?mode=sso&code=$code&state=another"
is "a state that is not the code's: the marketplace refuses" 400 "$status"
ask "$address?mode=sso&code=nobody-made-this&state=x"
is "a code that nobody made" 400 "$status"
ask -H 'Host: ' "$GATEWAY_URL/sso/session"
is "a request without a host" 400 "$status"
ask -H "X-Long: $kilobytes" "$GATEWAY_URL/sso/session"
matches "a head of 64 KiB" '^4[0-9][0-9]$' "$status"
for cookie in 'sso_session' 'sso_session=' 'sso_session=%00' 'sso_session=a; sso_session=b' ';;;=;' $'sso_session=\xff' \
    "sso_session=${kilobytes:0:9000}"; do
    ask -H "Cookie: $cookie" "$GATEWAY_URL/sso/session"
    matches "a cookie that is none: ${cookie:0:32}" '^(401|400)$' "$status"
done
finish
