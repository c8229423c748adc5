#!/bin/bash
# Everything that the marketplace's side can get wrong: who is refused, how, and who still gets in.
source "${BASH_SOURCE%/*}/checks.bash" || exit 1
echo "Faults"

# Keys are held from here on, so that the jwks faults meet a gateway that has some.
sign_in "$work/jar"
is "without a fault the login succeeds" 303 "$status"

expected() {
    case $1 in
    token_400 | token_403 | oauth_error_in_200) echo 400 ;;
    token_429) echo 429 ;;
    token_500 | token_garbage | token_redirect | token_huge | token_empty | no_id_token) echo 502 ;;
    token_slow) echo 504 ;;
    none | jwks_* | member_demoted | member_401 | member_403 | member_429 | member_500 | member_slow) echo 303 ;;
    member_garbage | member_other) echo 303 ;;
    audience_array_one | expired_within_skew | parent_claims | no_email | non_ascii_name) echo 303 ;;
    member_404 | member_410 | member_none) echo 403 ;;
    # All that is left is a token that proves nothing.
    *) echo 403 ;;
    esac
}

names=$(curl -sS "$STAND_IN_URL/stand-in/faults" | sed 's/.*"faults":\[//; s/\].*//; s/[",]/ /g')
trap 'fault none; finish' EXIT
for name in $names; do
    # Longer than the gateway waits for an exchange (8 s) or a member (3 s), and no longer than that.
    delay=''
    case $name in token_slow) delay=delay_ms=8800 ;; member_slow | jwks_slow) delay=delay_ms=3800 ;; esac
    fault "$name" "$delay"
    new_code "$ada"
    ask "$callback"
    fault none
    want=$(expected "$name")
    if [[ $want == 303 ]]; then
        is "$name: signs in all the same" "303 /dashboard" "$status $(header Location)"
        if [[ -z $(session_cookie) ]]; then failed "$name: there is a session" "there is none"; fi
        continue
    fi
    is "$name: refused with $want" "$want" "$status"
    if [[ -n $(session_cookie) ]]; then failed "$name: nobody is signed in" "$(session_cookie)"; fi
    if ! grep -q 'Request <code>[0-9a-f]' "$work/body"; then failed "$name: the page has a request id" "none"; fi
    if grep -qF -e "$code" -e eyJ "$work/body" "$work/head"; then failed "$name: neither code nor token shows" "it does"; fi
done

fault member_demoted
sign_in "$work/jar" "$ada"
ask -b "$work/jar" "$GATEWAY_URL/sso/session"
holds "the marketplace's newest word on a role counts, not the token's" '"role":"USER"'
fault none

fault non_ascii_name
sign_in "$work/jar" "$ada"
ask -b "$work/jar" "$GATEWAY_URL/sso/session"
holds "a name in other letters arrives whole" 'Zoë 山田'
fault none

fault no_email
sign_in "$work/jar" "$ada"
ask -b "$work/jar" "$GATEWAY_URL/sso/session"
holds "a member without an e-mail address is a member" '"email":""'
fault none

jar=$work/circles
rm -f "$jar"
for round in 1 2 3; do
    fault token_400
    new_code
    ask -b "$jar" -c "$jar" "$callback"
    fault none
done
is "the third failure in a row is still a refusal" 400 "$status"
lacks "but offers no fourth round" 'href="/sso/start'
holds "it offers a way out" 'Back to the marketplace'

curl -sS -o /dev/null -X POST "$STAND_IN_URL/stand-in/keys/rotate"
sign_in "$work/jar"
is "a login succeeds after the marketplace has changed its keys" 303 "$status"
