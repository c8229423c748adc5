#!/bin/bash
# A gateway that has no keys yet and cannot get any lets nobody in. Needs gateways of its own, so it starts them.
source "${BASH_SOURCE%/*}/checks.bash" || exit 1
source "${BASH_SOURCE%/*}/start.bash" || exit 1
echo "Keys that cannot be fetched"

if [[ -z ${EXECUTABLE:-} ]]; then
    skipped "needs the executable: Tests/curl/run PATH_TO_EXECUTABLE"
    finish
fi
trap 'stop_all; finish' EXIT
for name in jwks_500 jwks_garbage jwks_empty jwks_slow; do
    if ! start_pair "$work/$name"; then
        failed "$name" "gateway and stand-in do not start"
        continue
    fi
    # The gateway waits 5 s for keys.
    fault "$name" delay_ms=6000
    new_code
    ask "$callback"
    fault none
    is "$name: refused with 503" 503 "$status"
    is "$name: nobody is signed in" '' "$(session_cookie)"
    stop_all
done
