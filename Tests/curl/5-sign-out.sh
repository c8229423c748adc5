#!/usr/bin/env bash
# Signing out, and a change of member in one browser
source "$(dirname "$0")/common.sh"
fault none
trap 'rm -f jar' EXIT

sign_in "$ada" jar
cp jar copied
check_has "sign-out shows a button first" '<form method="post" action="/sso/sign_out">' "$(curl -s -b jar "$GATEWAY_URL/sso/sign_out")"
check "the page itself changes nothing" "$ada" "$(who jar)"
check "another site's form is refused" 403 "$(status -b jar -H 'Origin: https://evil.test' -X POST "$GATEWAY_URL/sso/sign_out")"
check "and has changed nothing" "$ada" "$(who jar)"
check "the button signs out" 303 "$(status -b jar -c jar -H "Origin: $GATEWAY_URL" -X POST "$GATEWAY_URL/sso/sign_out")"
check "the cookie is gone" "" "$(who jar)"
check "a copy of the cookie is refused" "" "$(who copied)"
check_has "a redirect parameter is ignored" "^Location: /sso/sign_out$" "$(headers -X POST "$GATEWAY_URL/sso/sign_out?rd=//evil.test")"

sign_in "$ada" jar
cp jar before
page=$(curl -s -b jar -c jar "$callback?$(query "$ben")")
check_has "another member needs a confirmation" "Switch to Ben Viewer" "$page"
check "until then nothing changes" "$ada" "$(who jar)"
ticket=$(sed -n 's/.*name="ticket" value="\([^"]*\)".*/\1/p' <<<"$page" | head -1)
check "without this browser's own cookie the answer is refused" 400 "$(status -d "ticket=$ticket" -d answer=switch "$GATEWAY_URL/sso/switch")"
check "the answer stay is accepted" 303 "$(status -b jar -c stayed -d "ticket=$ticket" -d answer=stay "$GATEWAY_URL/sso/switch")"
check "and keeps the member" "$ada" "$(who jar)"
page=$(curl -s -b jar -c jar "$callback?$(query "$ben")")
ticket=$(sed -n 's/.*name="ticket" value="\([^"]*\)".*/\1/p' <<<"$page" | head -1)
check "the answer switch is accepted" 303 "$(status -b jar -c jar -d "ticket=$ticket" -d answer=switch "$GATEWAY_URL/sso/switch")"
check "and changes the member" "$ben" "$(who jar)"
check "the previous session is revoked" "" "$(who before)"
check "a ticket is used once" 400 "$(status -b jar -d "ticket=$ticket" -d answer=switch "$GATEWAY_URL/sso/switch")"
