#!/usr/bin/env bash
# Decisions, asked as nginx asks
source "$(dirname "$0")/common.sh"
[ -n "${DECISION_URL:-}" ] || { echo "(skipped: DECISION_URL is not set, because only a proxy may reach it)"; exit 0; }
fault none
asks() { local path=$1; shift; curl -s -D - -o body -H "X-Original-Method: ${method:-GET}" -H "X-Original-URI: $path" -H "X-Forwarded-Host: localhost" -H "X-Forwarded-Proto: http" "$@" "${address:-$DECISION_URL}" | tr -d '\r'; }

sign_in "$ada" ada.jar
sign_in "$ben" ben.jar
answer=$(asks /dashboard -b ada.jar)
check_has "a member passes" "^HTTP/1.1 200" "$answer"
check_has "with her id" "^X-Auth-Request-User: $ada$" "$answer"
check_has "and her role" "^X-SSO-Role: ADMIN$" "$answer"
check "with the whole set, empty values included" 11 "$(grep -E '^X-(Auth-Request|SSO)-' <<<"$answer" | grep -cv Decision)"
check_has "and the word that opens the app" "^X-SSO-Decision: allowed" "$answer"
check_has "an administrator passes where only they may" "^HTTP/1.1 200" "$(asks /admin/users -b ada.jar)"
check_has "a read-only member does not" "^HTTP/1.1 403" "$(asks /admin/users -b ben.jar)"
check_has "nor by another spelling of the path" "^HTTP/1.1 403" "$(asks /%61dmin/users -b ben.jar)"
check_has "a public path passes without a session" "^HTTP/1.1 200" "$(asks /assets/logo.png)"
check_has "but not in disguise" "^HTTP/1.1 403" "$(asks /assets/../admin/)"
for path in '/assets/..%2fadmin' '/assets/%2e%2e/admin' '/admin%00' '/a%5c..' '/a%23b' '/%zz'; do
    check_has "an ambiguous path is refused: $path" "^HTTP/1.1 403" "$(asks "$path" -b ada.jar)"
done
check_has "nobody is nobody" "^HTTP/1.1 401" "$(asks /dashboard)"
check_has "a browser is told where to sign in" "^X-SSO-Login: /sso/start\?integration=demo&rd=%2Fdashboard%3Fa%3Db$" "$(asks '/dashboard?a=b' -H 'Sec-Fetch-Mode: navigate')"
check_lacks "a program is not" "^X-SSO-Login" "$(asks /dashboard -H 'Accept: application/json')"
check_lacks "nor is a POST" "^X-SSO-Login" "$(method=POST asks /dashboard -H 'Sec-Fetch-Mode: navigate')"
check_has "a header of another proxy is refused" "^HTTP/1.1 403" "$(asks /dashboard -b ada.jar -H 'X-Forwarded-Uri: /assets/')"
check_has "an alias is refused" "^HTTP/1.1 403" "$(asks /dashboard -b ada.jar -H 'X_Original_URI: /assets/')"
check_has "a doubled header is refused" "^HTTP/1.1 403" "$(asks /dashboard -b ada.jar -H 'X-Original-URI: /assets/')"
check "a missing header is refused" 403 "$(status -b ada.jar "$DECISION_URL")"
check_has "a forged cookie opens nothing" "^HTTP/1.1 401" "$(asks /dashboard -H 'Cookie: sso_session=00000000.AAAA')"
check_has "people from oauth2-proxy get their 202" "^HTTP/1.1 202" "$(address=${DECISION_URL%/authz/nginx}/oauth2/auth asks /dashboard -b ada.jar)"
