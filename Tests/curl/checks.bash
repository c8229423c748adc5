# What every script here begins with: `source checks.bash`.
#
# GATEWAY_URL    the gateway's public address, such as http://localhost:4180
# STAND_IN_URL   the marketplace stand-in's address
# DECISION_URL   where the decision addresses can be reached, if they can
# TALLY          a file that gets one line "passed failed" of every script

: "${GATEWAY_URL:?the address of a gateway}" "${STAND_IN_URL:?the address of its marketplace stand-in}"

ada=0ada0ada0ada0ada0ada0ada  # an administrator
ben=0be40be40be40be40be40be4  # a read-only member
installation=icfg_AcmeAnalyticalEngines0001

work=$(mktemp -d)
passed=0 failed=0
green='' red='' faint='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then green=$'\e[32m' red=$'\e[31m' faint=$'\e[2m' plain=$'\e[0m'; fi

ok() { passed=$((passed + 1)); printf '  %sok%s      %s\n' "$green" "$plain" "$1"; }
failed() { failed=$((failed + 1)); printf '  %sFAILED%s  %s: %s\n' "$red" "$plain" "$1" "$2"; }
skipped() { printf '  %sskipped%s %s\n' "$faint" "$plain" "$1"; }

# is WHAT WANTED GOT
is() { if [[ $3 == "$2" ]]; then ok "$1"; else failed "$1" "wanted '$2', got '$3'"; fi; }
# matches WHAT PATTERN GOT: an extended regular expression
matches() { if [[ $3 =~ $2 ]]; then ok "$1"; else failed "$1" "wanted something like '$2', got '$3'"; fi; }
# holds WHAT TEXT and lacks WHAT TEXT: of the body of the last answer
holds() { if grep -qF -- "$2" "$work/body"; then ok "$1"; else failed "$1" "'$2' is not in the answer"; fi; }
lacks() { if grep -qF -- "$2" "$work/body"; then failed "$1" "'$2' is in the answer"; else ok "$1"; fi; }

finish() {
    rm -rf "$work"
    printf '%s passed, %s failed\n' "$passed" "$failed"
    if [[ -n ${TALLY:-} ]]; then echo "$passed $failed" >>"$TALLY"; fi
    exit $((failed > 0))
}

# ask CURL_ARGUMENTS: one request; redirects are not followed. Leaves $status, header NAME and $work/body.
ask() {
    : >"$work/head"
    : >"$work/body"
    status=$(curl -sS --max-time 30 --path-as-is -o "$work/body" -D "$work/head" -w '%{http_code}' "$@" 2>"$work/error") ||
        status="${status:-no answer}"
}
header() { sed -n "s/\r\$//; s/^$1: *//Ip" "$work/head"; }
# The Set-Cookie of a session that is not being cleared.
session_cookie() { header Set-Cookie | grep -E '^(__Host-)?sso_session=[^;]' || true; }
body() { sed -n 1,200p "$work/body"; }

# new_code [USER]: what a click on the marketplace's dashboard makes. Leaves $code, $state and $callback.
new_code() {
    local made
    made=$(curl -sS -d integration=acme ${1:+-d "user=$1"} "$STAND_IN_URL/stand-in/codes")
    code=$(sed -n 's/.*"code":"\([^"]*\)".*/\1/p' <<<"$made")
    state=$(sed -n 's/.*"state":"\([^"]*\)".*/\1/p' <<<"$made")
    callback="$GATEWAY_URL/sso/callback?mode=sso&code=$code&state=$state"
}

# sign_in JAR [USER]: a browser with the cookies of JAR, signed in.
sign_in() {
    rm -f "$1"
    new_code "${2:-}"
    ask -b "$1" -c "$1" "$callback"
}

# whoami JAR: the user id of the session, or "nobody".
whoami() {
    local user
    user=$(curl -sS -b "$1" "$GATEWAY_URL/sso/session" | sed -n 's/.*"user_id":"\([^"]*\)".*/\1/p')
    echo "${user:-nobody}"
}

fault() { curl -sS -o /dev/null -d "fault=$1" ${2:+-d "$2"} "$STAND_IN_URL/stand-in/faults"; }
counter() { curl -sS "$STAND_IN_URL/stand-in/counters" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
