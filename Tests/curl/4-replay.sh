#!/usr/bin/env bash
# A code is used once
source "$(dirname "$0")/common.sh"
fault none

code=$(query)
check "the first use signs in" 303 "$(status -c mine "$callback?$code")"
check "the same browser goes to its page again" 303 "$(status -b mine "$callback?$code")"
check "another browser is turned away" 400 "$(status "$callback?$code")"
code=$(query)
check "a HEAD request is answered" 204 "$(status -I "$callback?$code")"
check "and has not used the code up" 303 "$(status "$callback?$code")"

code=$(query)
before=$(counter exchanges)
for number in $(seq 50); do curl -s -o /dev/null -D "at-once-$number" "$callback?$code" & done
wait
check "of fifty at once exactly one is signed in" 1 "$(cat at-once-* | grep -c '^Set-Cookie: sso_session=')"
check "the others meet a page" 49 "$(cat at-once-* | grep -c '^HTTP/1.1 400')"
check "and the marketplace was asked once" 1 "$(($(counter exchanges) - before))"
