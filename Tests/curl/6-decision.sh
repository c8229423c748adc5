#!/usr/bin/env bash
# Decision requests as nginx sends them
source "$(dirname "$0")/common.sh"
[ -n "${DECISION_URL:-}" ] || { echo "(skipped: DECISION_URL is not set, because only a proxy may reach it)"; exit 0; }
fault none
decide() { local path=$1; shift; curl -s -D - -o body -H "X-Original-Method: ${method:-GET}" -H "X-Original-URI: $path" -H "X-Forwarded-Host: localhost" -H "X-Forwarded-Proto: http" "$@" "${address:-$DECISION_URL}" | tr -d '\r'; }

sign_in "$ada" ada.jar
sign_in "$ben" ben.jar
answer=$(decide /dashboard -b ada.jar)
check_has "a member is allowed" "^HTTP/1.1 200" "$answer"
check_has "with her id" "^X-Auth-Request-User: $ada$" "$answer"
check_has "and her role" "^X-SSO-Role: ADMIN$" "$answer"
check "with all identity headers, also empty ones" 11 "$(grep -E '^X-(Auth-Request|SSO)-' <<<"$answer" | grep -cv Decision)"
check_has "and the header that the proxy checks" "^X-SSO-Decision: allowed" "$answer"
check_has "an administrator is allowed under a rule for administrators" "^HTTP/1.1 200" "$(decide /admin/users -b ada.jar)"
check_has "a read-only member is not" "^HTTP/1.1 403" "$(decide /admin/users -b ben.jar)"
check_has "nor with another spelling of the path" "^HTTP/1.1 403" "$(decide /%61dmin/users -b ben.jar)"
check_has "a public path is allowed without a session" "^HTTP/1.1 200" "$(decide /assets/logo.png)"
check_has "but not with dot segments" "^HTTP/1.1 403" "$(decide /assets/../admin/)"
for path in '/assets/..%2fadmin' '/assets/%2e%2e/admin' '/admin%00' '/a%5c..' '/a%23b' '/%zz'; do
    check_has "an ambiguous path is refused: $path" "^HTTP/1.1 403" "$(decide "$path" -b ada.jar)"
done
check_has "without a session the answer is 401" "^HTTP/1.1 401" "$(decide /dashboard)"
check_has "a browser gets the address to sign in" "^X-SSO-Login: /sso/start\?integration=demo&rd=%2Fdashboard%3Fa%3Db$" "$(decide '/dashboard?a=b' -H 'Sec-Fetch-Mode: navigate')"
check_lacks "a program does not" "^X-SSO-Login" "$(decide /dashboard -H 'Accept: application/json')"
check_lacks "nor does a POST" "^X-SSO-Login" "$(method=POST decide /dashboard -H 'Sec-Fetch-Mode: navigate')"
check_has "a header of another proxy is refused" "^HTTP/1.1 403" "$(decide /dashboard -b ada.jar -H 'X-Forwarded-Uri: /assets/')"
check_has "an alias is refused" "^HTTP/1.1 403" "$(decide /dashboard -b ada.jar -H 'X_Original_URI: /assets/')"
check_has "a doubled header is refused" "^HTTP/1.1 403" "$(decide /dashboard -b ada.jar -H 'X-Original-URI: /assets/')"
check "a missing header is refused" 403 "$(status -b ada.jar "$DECISION_URL")"
check_has "a forged cookie opens nothing" "^HTTP/1.1 401" "$(decide /dashboard -H 'Cookie: sso_session=00000000.AAAA')"
check_has "a proxy that used oauth2-proxy gets 202" "^HTTP/1.1 202" "$(address=${DECISION_URL%/authz/nginx}/oauth2/auth decide /dashboard -b ada.jar)"
