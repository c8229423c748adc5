#!/usr/bin/env bash
# A login, from the marketplace's dashboard to a session
source "$(dirname "$0")/common.sh"
fault none

first=$(location "$STAND_IN_URL/sso/integrations/acme/icfg_AcmeAnalyticalEngines001?path=billing")
check_has "the marketplace sends the browser to the callback, with code and state" "^$callback\?mode=sso&code=.+&state=.+&path=billing$" "$first"
answer=$(headers -c jar "$first")
check_has "the callback answers 303" "^HTTP/1.1 303" "$answer"
check_has "it redirects to the page of the deep link" "^Location: /billing$" "$answer"
check_has "it sets a session cookie that scripts cannot read" "^Set-Cookie: sso_session=.*; HttpOnly; SameSite=Lax$" "$answer"
check_has "the answer is not cached" "^Cache-Control: no-store$" "$answer"
check_has "the answer forbids a Referer" "^Referrer-Policy: no-referrer$" "$answer"
check_lacks "no token is in the answer" "eyJ" "$answer"
session=$(curl -s -b jar "$GATEWAY_URL/sso/session")
check_has "the session is Ada's" "\"user_id\":\"$ada\"" "$session"
check_has "with her role" '"role":"ADMIN"' "$session"
check_lacks "the session endpoint shows no token" "eyJ" "$session"
check "without the cookie there is no session" 401 "$(status "$GATEWAY_URL/sso/session")"
check "a trailing slash on the callback is accepted" 303 "$(status "$GATEWAY_URL/sso/callback/?$(query)")"

start=$(headers -c flow "$GATEWAY_URL/sso/start?integration=demo&rd=%2Freports%3Fa%3D1%26b")
check_has "a login can begin at the gateway" "^Location: $STAND_IN_URL/sso/integrations/acme\?sso_flow=[0-9a-f]{32}$" "$start"
back=$(location "$(sed -n 's/^Location: //p' <<<"$start")")
check "and returns to the original page, byte for byte" "/reports?a=1&b" "$(location -b flow -c flow "$back")"
check "an address of another site is refused" 400 "$(status "$GATEWAY_URL/sso/start?integration=demo&rd=%2F%2Fevil.test")"
