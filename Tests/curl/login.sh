#!/bin/bash
# A whole login as a browser does it: from the marketplace through the gateway to the app.
source "${BASH_SOURCE%/*}/checks.bash" || exit 1
echo "Login"

jar=$work/jar
ask -L --max-redirs 1 -b "$jar" -c "$jar" "$STAND_IN_URL/sso/integrations/acme"
is "the marketplace sends the browser to the callback, and the callback answers 303" 303 \
    "$(sed -n 's/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$work/head" | sed -n '$p')"
matches "the login ends at the default page" '/dashboard$' "$(header Location | sed -n '$p')"
cookie=$(session_cookie)
matches "the session cookie is out of reach of scripts" '; HttpOnly' "$cookie"
matches "the session cookie is SameSite=Lax" '; SameSite=Lax' "$cookie"
matches "the session cookie is for every path" '; Path=/(;|$)' "$cookie"
if [[ $cookie == *Domain* ]]; then failed "the session cookie names no domain" "$cookie"; else
    ok "the session cookie names no domain"
fi
if ((${#cookie} <= 1024)); then ok "the session cookie has at most 1,024 bytes"; else
    failed "the session cookie has at most 1,024 bytes" "${#cookie}"
fi
if [[ $GATEWAY_URL == https://* ]]; then
    matches "over https the cookie is Secure and bound to the host" '^__Host-sso_session=.*; Secure' "$cookie"
fi
is "the answer may not be stored" no-store "$(header Cache-Control | sed -n '$p')"
is "the address with the code is not sent on as a referrer" no-referrer "$(header Referrer-Policy | sed -n '$p')"

ask -b "$jar" "$GATEWAY_URL/sso/session"
is "the session is known afterwards" 200 "$status"
holds "it is Ada's" "\"user_id\":\"$ada\""
holds "it names the installation" "\"installation_id\":\"$installation\""
holds "it has her role" '"role":"ADMIN"'
holds "it has her e-mail address" '"email":"ada@analytical.example"'
lacks "no token is in it" eyJ

ask "$GATEWAY_URL/sso/session"
is "another browser is not signed in" 401 "$status"
matches "the refusal is JSON" '^application/json' "$(header Content-Type)"
holds "the refusal has a request id" '"request_id":"'
ask -H 'Cookie: sso_session=AAAA' "$GATEWAY_URL/sso/session"
is "a made-up cookie is not a session" 401 "$status"

before=$(sed -n 's/.*sso_session\t//p' "$jar")
new_code "$ada"
ask -b "$jar" -c "$jar" "$callback"
is "the same member may sign in again" 303 "$status"
after=$(sed -n 's/.*sso_session\t//p' "$jar")
if [[ -n $after && $before != "$after" ]]; then ok "a new login makes a new session"; else
    failed "a new login makes a new session" "the cookie stayed the same"
fi
ask -H "Cookie: sso_session=$before" "$GATEWAY_URL/sso/session"
is "the session before it has ended" 401 "$status"

rm -f "$jar"
ask -b "$jar" -c "$jar" "$GATEWAY_URL/sso/start?rd=%2Freports%3Fyear%3D1843"
is "the app's own sign-in sends the browser to the marketplace" 303 "$status"
matches "to the integration's own address there" '/sso/integrations/acme\?sso_flow=[0-9a-f]{32}$' "$(header Location)"
flow=$(header Location)
ask -b "$jar" -c "$jar" "$flow"
ask -b "$jar" -c "$jar" "$(header Location)"
is "and comes back signed in" 303 "$status"
is "at the page that it asked for" '/reports?year=1843' "$(header Location)"
matches "the cookie of the attempt is cleared" 'sso_flow_[0-9a-f]{8}=; .*Max-Age=0' "$(header Set-Cookie)"
for target in //evil.example /%09/evil.example '/\evil.example' https://evil.example/ javascript:alert%281%29; do
    ask "$GATEWAY_URL/sso/start?rd=$target"
    is "sign-in refuses to come back to $target" 400 "$status"
done
finish
