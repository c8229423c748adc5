#!/usr/bin/env bash
# A gateway that cannot fetch its first keys signs no one in
source "$(dirname "$0")/common.sh"
[ -n "${EXECUTABLE:-}" ] || { echo "(skipped: it starts its own gateways, so give the executable)"; exit 0; }
source "$(dirname "$0")/start.sh"
folder=$(mktemp -d)
trap 'stop_pair; rm -rf "$folder"' EXIT

for name in jwks_500 jwks_garbage jwks_empty jwks_slow; do
    start_pair "$folder" "$name" 9000
    callback=$GATEWAY_URL/sso/callback
    curl -s -o page -D headers "$callback?$(query)" || true
    check_has "$name: 503" "^HTTP/1.1 503" "$(cat headers)"
    check_lacks "$name: no session" "^Set-Cookie: sso_session=" "$(cat headers)"
    check_has "$name: the page names the request" 'Request <code>[0-9a-f]{16}</code>' "$(cat page)"
    stop_pair
done
