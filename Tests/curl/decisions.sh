#!/bin/bash
# May this request pass? As nginx asks.
source "${BASH_SOURCE%/*}/checks.bash" || exit 1
echo "Decisions"

if [[ -z ${DECISION_URL:-} ]]; then
    skipped "DECISION_URL is not set: a proxy keeps these addresses from the outside"
    finish
fi
host=${GATEWAY_URL#*://}
# decide METHOD TARGET [CURL_ARGUMENTS]
decide() {
    ask -H "X-Original-Method: $1" -H "X-Original-URI: $2" -H "X-Forwarded-Host: $host" -H 'X-Forwarded-Proto: http' \
        "${@:3}" "$DECISION_URL/authz/nginx"
}

sign_in "$work/ada" "$ada"
sign_in "$work/ben" "$ben"
decide GET /dashboard -b "$work/ben"
is "a signed-in member passes" 200 "$status"
is "the answer has no body" '' "$(body)"
is "it says who" "$ben" "$(header X-Auth-Request-User)"
is "with which e-mail address" ben@analytical.example "$(header X-Auth-Request-Email)"
is "with which name" 'Ben Viewer' "$(header X-Auth-Request-Preferred-Username)"
is "in which group" USER "$(header X-Auth-Request-Groups)"
is "in which role" USER "$(header X-SSO-Role)"
is "of which installation" "$installation" "$(header X-SSO-Installation)"
for name in Integration Account Role-Age Session Assertion; do
    if grep -qi "^X-SSO-$name:" "$work/head"; then ok "X-SSO-$name is always there"; else
        failed "X-SSO-$name is always there" "it is not"
    fi
done
decide GET /admin/users -b "$work/ada"
is "an administrator passes the rule for administrators" 200 "$status"
decide GET /admin/users -b "$work/ben"
is "a read-only member does not" 403 "$status"
is "and learns nothing of who they are" '' "$(header X-Auth-Request-User)"
lacks "nor which rule decided" 'rule 1'
decide GET /admin -b "$work/ben"
is "nor without the slash" 403 "$status"
decide GET /%61dmin/ -b "$work/ben"
is "nor under percent signs" 403 "$status"
decide GET '/dashboard?x=/admin/' -b "$work/ben"
is "a query is not a path" 200 "$status"
decide GET /administrators -b "$work/ben"
is "and /administrators is not /admin" 200 "$status"

decide GET '/reports?year=1843' -H 'Accept: text/html' -H 'Sec-Fetch-Mode: navigate'
is "nobody is asked to sign in" 401 "$status"
is "at this address, and comes back" '/sso/start?integration=demo&rd=%2Freports%3Fyear%3D1843' \
    "$(header X-SSO-Login | sed 's/integration=[A-Za-z0-9_-]*/integration=demo/')"
decide GET /reports -H 'Accept: text/html' -H 'X-Requested-With: XMLHttpRequest'
is "a program is told in JSON" '401 application/json' "$status $(header Content-Type | sed 's/;.*//')"
is "without an address" '' "$(header X-SSO-Login)"
decide POST /reports -H 'Accept: text/html'
is "a form that was sent cannot be repeated by signing in" '401 ' "$status $(header X-SSO-Login)"
decide GET / -H 'Cookie: sso_session=AAAA'
is "a made-up cookie is nobody's" 401 "$status"

for target in //admin/ /x/../admin/ /x/%2e%2e/admin/ /..%2fadmin /%252e%252e/admin '/a\b' /a%5cb '/a#b' /a%23b /a%00b \
    /%ff '/..;/admin/' 'admin' 'http://x/admin/' '' /a%zz; do
    decide GET "$target" -b "$work/ada"
    is "a path that could be read twice is refused: '$target'" 400 "$status"
done
# lacking HEADER: three of the four.
headers=("X-Original-Method: GET" "X-Original-URI: /" "X-Forwarded-Host: $host" "X-Forwarded-Proto: http")
for missing in 0 1 2 3; do
    arguments=()
    for number in 0 1 2 3; do ((number == missing)) || arguments+=(-H "${headers[number]}"); done
    ask -b "$work/ada" "${arguments[@]}" "$DECISION_URL/authz/nginx"
    is "without ${headers[missing]%%:*}" 400 "$status"
    decide GET / -b "$work/ada" -H "${headers[missing]}"
    is "with ${headers[missing]%%:*} twice" 400 "$status"
done
for foreign in X-Forwarded-Uri X-Forwarded-Method X-Original-URL X-Rewrite-URL X_Original_URI X.Original.URI \
    X_Forwarded_Host x-original_uri; do
    decide GET / -b "$work/ada" -H "$foreign: /public"
    is "with $foreign, which nginx does not use" 400 "$status"
done
decide GET / -b "$work/ada" -H 'User-Agent: kube-probe/1.30' -H 'X-Forwarded-Prefix: /public'
is "other headers change nothing" 200 "$status"
decide GET /admin/ -H 'X-Auth-Request-User: root' -H 'X-SSO-Role: ADMIN'
is "what the client says about itself is nothing" 401 "$status"

ask -b "$work/ben" -H 'X-Original-Method: GET' -H 'X-Original-URI: /' -H "X-Forwarded-Host: $host" \
    -H 'X-Forwarded-Proto: http' "$DECISION_URL/oauth2/auth?rd=/x"
is "the address that oauth2-proxy has answers 202" "202 $ben" "$status $(header X-Auth-Request-User)"
ask -b "$work/ben" -H 'X-Original-Method: GET' -H 'X-Original-URI: /admin/' -H "X-Forwarded-Host: $host" \
    -H 'X-Forwarded-Proto: http' "$DECISION_URL/oauth2/auth"
is "by the same rules" 403 "$status"

ask -b "$work/ben" -X POST -d '' "$GATEWAY_URL/sso/sign_out"
decide GET /dashboard -b "$work/ben"
is "after signing out the cookie passes no more" 401 "$status"
finish
