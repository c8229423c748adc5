#!/usr/bin/env bash
# A code is used once
source "$(dirname "$0")/common.sh"
fault none

code=$(query)
check "the first use signs in" 303 "$(status -c mine "$callback?$code")"
check "the same browser goes to its page again" 303 "$(status -b mine "$callback?$code")"
check "another browser is redirected to a new login" "/sso/start?integration=demo&rd=%2Fdashboard" "$(location -c other "$callback?$code")"
check "once, and then gets a page" 400 "$(status -b other "$callback?$code")"
code=$(query)
check "a HEAD request is answered" 204 "$(status -I "$callback?$code")"
for header in 'Sec-Purpose: prefetch' 'Purpose: prefetch' 'X-Moz: prefetch' 'Sec-Fetch-Dest: image'; do
    check "a request with $header is refused" 403 "$(status -H "$header" "$callback?$code")"
done
check "and none of them used the code" 303 "$(status "$callback?$code")"

code=$(query)
before=$(counter exchanges)
for number in $(seq 50); do curl -s -o /dev/null -D "at-once-$number" "$callback?$code" & done
wait
check "of fifty requests at the same time exactly one signs in" 1 "$(cat at-once-* | grep -c '^Set-Cookie: sso_session=')"
check "the others wait, and are redirected to a new login" 49 "$(cat at-once-* | grep -c '^Location: /sso/start')"
check "and there was one exchange" 1 "$(($(counter exchanges) - before))"
