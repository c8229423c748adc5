#!/bin/bash
# Another member arrives at a browser where somebody is signed in: the page asks first.
source "${BASH_SOURCE%/*}/checks.bash" || exit 1
echo "Switch"

jar=$work/jar
ticket() { sed -n 's/.*name="ticket" value="\([^"]*\)".*/\1/p' "$work/body" | sed -n 1p; }
# answer TICKET ANSWER [CURL_ARGUMENTS]
answer() { ask -b "$jar" -c "$jar" --data-urlencode "ticket=$1" -d "answer=$2" "${@:3}" "$GATEWAY_URL/sso/switch"; }
arrive() {
    new_code "$1"
    ask -b "$jar" -c "$jar" "$callback&path=billing"
}

sign_in "$jar" "$ada"
arrive "$ben"
is "a page asks" 200 "$status"
holds "it names who is signed in" 'Ada Lovelace'
holds "and who wants to sign in" 'Ben Viewer'
is "no session is issued" '' "$(session_cookie)"
is "nothing has changed" "$ada" "$(whoami "$jar")"
lacks "the code is not in the page" "$code"
first=$(ticket)
ask --data-urlencode "ticket=$first" -d answer=switch "$GATEWAY_URL/sso/switch"
is "another browser cannot answer" 400 "$status"
answer "$first" switch -H 'Origin: https://evil.example'
is "another site cannot answer" 400 "$status"
is "still nothing has changed" "$ada" "$(whoami "$jar")"

arrive "$ben"
first=$(ticket)
answer "$first" stay
is "staying leads to the app" "303 /dashboard" "$status $(header Location)"
is "and changes nothing" "$ada" "$(whoami "$jar")"

arrive "$ben"
first=$(ticket)
cp "$jar" "$work/before"
answer "$first" switch
is "switching leads to where the new member was going" "303 /billing" "$status $(header Location)"
is "and signs them in" "$ben" "$(whoami "$jar")"
is "the session before it has ended, also in copies" nobody "$(whoami "$work/before")"
ask -b "$work/before" --data-urlencode "ticket=$first" -d answer=switch "$GATEWAY_URL/sso/switch"
is "the ticket is of no use a second time" 400 "$status"
is "and gives no session" '' "$(session_cookie)"

arrive "$ada"
first=$(ticket)
answer "$first" perhaps
is "an answer that is neither is refused" 400 "$status"
arrive "$ada"
first=$(ticket)
answer "${first%??}AA" switch
is "a ticket that was changed is refused" 400 "$status"
ask -b "$jar" -H 'Content-Type: application/json' -d "{\"ticket\":\"$first\"}" "$GATEWAY_URL/sso/switch"
is "and one that is not a form" 400 "$status"
is "after all that Ben is still signed in" "$ben" "$(whoami "$jar")"
finish
