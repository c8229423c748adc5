#!/usr/bin/env bash
# Every fault of the marketplace: the login succeeds, or a page explains the failure
source "$(dirname "$0")/common.sh"
# Faults of the keys show only while a gateway has none: see 8-cold-keys.sh.
trap 'fault none' EXIT

expected() {
    case $1 in
        none | api_* | member_demoted | member_401 | member_403 | member_429 | member_500 | member_slow | member_garbage | member_other) echo 303 ;;
        audience_array_one | expired_within_skew | parent_claims | no_email | non_ascii_name) echo 303 ;;
        token_400 | token_403 | oauth_error_in_200) echo 400 ;;
        token_429) echo 429 ;;
        token_500 | token_garbage | token_redirect | token_huge | no_id_token | token_empty) echo 502 ;;
        token_slow) echo 504 ;;
        # Only standard logins meet these.
        pkce_ignored | authorize_* | answer_* | discovery_* | no_nonce | other_nonce | other_azp) echo 303 ;;
        *) echo 403 ;;
    esac
}
all=$(curl -s "$STAND_IN_URL/stand-in/faults" | grep -o '"name":"[a-z0-9_]*"' | cut -d '"' -f 4)
check "the stand-in lists its faults" yes "$([ "$(wc -l <<<"$all")" -gt 60 ] && echo yes)"
# Faults that end a membership come last: their result is used for a minute if a look-up fails.
ending='^member_(404|410|none)$'
all=$(grep -vE "$ending" <<<"$all"; grep -E "$ending" <<<"$all")
sign_in "$ada" warm # fetches the keys
for name in $all; do
    # A login makes no call that the faults api_… affect.
    case $name in jwks_* | api_*) continue ;; esac
    fault "$name" 9000
    answer=$(curl -s -D headers "$callback?$(query)" || true)
    got=$(sed -n '1s/.* \([0-9]*\) .*/\1/p' headers)
    check "$name: $(expected "$name")" "$(expected "$name")" "$got"
    if [ "$got" != 303 ]; then
        check_lacks "$name: no session" "^Set-Cookie: sso_session=" "$(cat headers)"
        check_has "$name: the page names the request" 'Request <code>[0-9a-f]{16}</code>' "$answer"
        check_lacks "$name: the page shows nothing of the token" "eyJ" "$answer"
    fi
done
fault none
check "and afterwards logins succeed again" 303 "$(status "$callback?$(query)")"
