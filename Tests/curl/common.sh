# Functions of all scripts here. Sourced, not run.
set -euo pipefail
ada=0ada0ada0ada0ada0ada0ada
ben=0be40be40be40be40be40be4
callback=$GATEWAY_URL/sso/callback

# check WHAT WANTED GOT
check() {
    if [ "$2" = "$3" ]; then echo "ok     $1"; else echo "FAILED $1: wanted '$2', got '$3'"; fi
}
# check_has WHAT PATTERN TEXT
check_has() {
    if grep -qE -- "$2" <<<"$3"; then echo "ok     $1"; else echo "FAILED $1: nothing like '$2' in: ${3:0:300}"; fi
}
# check_lacks WHAT PATTERN TEXT
check_lacks() {
    if grep -qE -- "$2" <<<"$3"; then echo "FAILED $1: found '$2'"; else echo "ok     $1"; fi
}

fault() { curl -s -o /dev/null -d "fault=$1" ${2:+-d "delay_ms=$2"} "$STAND_IN_URL/stand-in/faults"; }
counter() { curl -s "$STAND_IN_URL/stand-in/counters" | sed "s/.*\"$1\":\([0-9]*\).*/\1/"; }
# A new code with its state, as a query, like a click on the dashboard.
query() {
    local answer
    answer=$(curl -s -d integration=acme -d "user=${1:-$ada}" "$STAND_IN_URL/stand-in/codes")
    sed 's/.*"code":"\([^"]*\)".*/mode=sso\&code=\1/' <<<"$answer" | tr -d '\n'
    sed 's/.*"state":"\([^"]*\)".*/\&state=\1/' <<<"$answer"
}
status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
headers() { curl -s -o /dev/null -D - "$@" | tr -d '\r'; }
location() { headers "$@" | sed -n 's/^Location: //p'; }
# Signs a member in; the cookie jar is $2.
sign_in() { curl -s -o /dev/null -c "$2" -b "$2" "$callback?$(query "$1")"; }
who() { curl -s -b "$1" "$GATEWAY_URL/sso/session" | sed -n 's/.*"user_id":"\([^"]*\)".*/\1/p'; }
