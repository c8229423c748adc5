#!/bin/bash
# A code counts once, whoever brings it however often.
source "${BASH_SOURCE%/*}/checks.bash" || exit 1
echo "Replay"

jar=$work/jar
sign_in "$jar"
is "the first time the code signs in" 303 "$status"
before=$(counter exchanges)
ask -b "$jar" -c "$jar" "$callback&path=billing"
is "the same browser is sent on again, to where it asks now" "303 /billing" "$status $(header Location)"
is "without another session" '' "$(session_cookie)"
ask "$callback"
is "another browser is refused" 400 "$status"
is "and not signed in" '' "$(session_cookie)"
holds "the page says why" 'already used'
is "the marketplace was not asked again" "$before" "$(counter exchanges)"
ask -b "$jar" -d '' -X POST "$GATEWAY_URL/sso/sign_out"
ask -b "$jar" "$callback"
is "after signing out the code is of no use to its own browser either" 400 "$status"

fault token_400
new_code
ask "$callback"
fault none
is "a code that came to nothing" 400 "$status"
before=$(counter exchanges)
ask "$callback"
is "is not tried a second time" "400 $before" "$status $(counter exchanges)"

new_code
before=$(counter exchanges)
for number in {1..50}; do
    curl -sS --max-time 30 -o /dev/null -D "$work/head.$number" "$callback" &
done
wait
sessions=$(cat "$work"/head.[0-9]* | grep -ciE '^set-cookie: (__Host-)?sso_session=[^;]')
is "of 50 at once exactly one gets a session" 1 "$sessions"
is "and 49 are refused" 49 "$(cat "$work"/head.[0-9]* | grep -c '^HTTP[^ ]* 400')"
is "and the marketplace was asked once" $((before + 1)) "$(counter exchanges)"
finish
