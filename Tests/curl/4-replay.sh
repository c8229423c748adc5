#!/usr/bin/env bash
# A code is used once
source "$(dirname "$0")/common.sh"
fault none

code=$(query)
check "the first use signs in" 303 "$(status -c mine "$callback?$code")"
check "the same browser goes to its page again" 303 "$(status -b mine "$callback?$code")"
check "another browser is led to a login of its own" "/sso/start?integration=demo&rd=%2Fdashboard" "$(location -c other "$callback?$code")"
check "once, then there is a page" 400 "$(status -b other "$callback?$code")"
code=$(query)
check "a HEAD request is answered" 204 "$(status -I "$callback?$code")"
for header in 'Sec-Purpose: prefetch' 'Purpose: prefetch' 'X-Moz: prefetch' 'Sec-Fetch-Dest: image'; do
    check "a request with $header is refused" 403 "$(status -H "$header" "$callback?$code")"
done
check "and none has used the code up" 303 "$(status "$callback?$code")"

code=$(query)
before=$(counter exchanges)
for number in $(seq 50); do curl -s -o /dev/null -D "at-once-$number" "$callback?$code" & done
wait
check "of fifty at once exactly one is signed in" 1 "$(cat at-once-* | grep -c '^Set-Cookie: sso_session=')"
check "the others wait, and are led to a login of their own" 49 "$(cat at-once-* | grep -c '^Location: /sso/start')"
check "and the marketplace was asked once" 1 "$(($(counter exchanges) - before))"
