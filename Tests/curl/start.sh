# Starts a stand-in and a gateway that are configured with each other's address. Sourced, not run. Needs EXECUTABLE.
started=()
stop_pair() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    started=()
}

# start_pair FOLDER [FAULT MILLISECONDS]: exports GATEWAY_URL, STAND_IN_URL and BROKER_URL. The gateway, which fetches keys at its
# start, begins after the stand-in has the fault.
start_pair() {
    local folder=$1 here port
    here=$(dirname "${BASH_SOURCE[0]}")
    # Both need the other's port before they start. If another program uses one, other ports are tried.
    for _ in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 10000))
        export GATEWAY_URL=http://localhost:$port STAND_IN_URL=http://localhost:$((port + 2))
        export BROKER_URL=http://127.0.0.1:$((port + 3))
        rm -f "$folder/keys.json"
        "$EXECUTABLE" keys generate --key-ring "$folder/keys.json" >/dev/null
        sed -e "s|GATEWAY_PORT|$port|; s|ADMIN_PORT|$((port + 1))|; s|BROKER_PORT|$((port + 3))|; s|STAND_IN|$STAND_IN_URL|g" \
            -e "s|KEY_RING|$folder/keys.json|" "$here/gateway.yaml" >"$folder/gateway.yaml"
        "$EXECUTABLE" provider-stand-in --port $((port + 2)) \
            --redirect-login-url "$GATEWAY_URL/sso/callback" >"$folder/stand-in.log" 2>&1 & started+=($!)
        for _ in $(seq 100); do curl -s -o /dev/null "$STAND_IN_URL/" && break; sleep 0.1; done
        [ -z "${2:-}" ] || fault "$2" "$3"
        "$EXECUTABLE" serve --config "$folder/gateway.yaml" 2>"$folder/gateway.log" & started+=($!)
        for _ in $(seq 100); do
            curl -s -o /dev/null "$GATEWAY_URL/sso/session" && curl -s -o /dev/null "$STAND_IN_URL/" && return
            kill -0 "${started[@]}" 2>/dev/null || break
            sleep 0.1
        done
        stop_pair
    done
    cat "$folder/gateway.log" "$folder/stand-in.log" >&2
    return 1
}
