# Starts a gateway and a marketplace stand-in of its own from $EXECUTABLE: `source start.bash`.

started=()

stop_all() {
    local pid
    for pid in "${started[@]}"; do kill -TERM "$pid" 2>/dev/null; done
    for pid in "${started[@]}"; do wait "$pid" 2>/dev/null; done
    started=()
}

# free_port: a port below the ones that the system hands out by itself, on which nobody listens.
free_port() {
    local port
    while port=$((20000 + RANDOM % 10000)); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# await URL LOG: until something answers there.
await() {
    local round
    for ((round = 0; round < 150; round++)); do
        curl -s -o /dev/null --max-time 2 "$1" && return 0
        sleep 0.1
    done
    sed 's/^/    /' "$2" >&2
    return 1
}

# start_pair DIRECTORY: leaves GATEWAY_URL, STAND_IN_URL and DECISION_URL.
start_pair() {
    local directory=$1 gateway_port stand_in_port admin_port
    mkdir -p "$directory"
    gateway_port=$(free_port) stand_in_port=$(free_port) admin_port=$(free_port)
    GATEWAY_URL=http://localhost:$gateway_port STAND_IN_URL=http://localhost:$stand_in_port
    DECISION_URL=$GATEWAY_URL
    "$EXECUTABLE" keys generate --key-ring "$directory/keys.json" >"$directory/keys.log" || return 1
    configuration "$gateway_port" "$admin_port" "$directory" >"$directory/gateway.yaml"
    "$EXECUTABLE" provider-stand-in --port "$stand_in_port" --redirect-login-url "$GATEWAY_URL/sso/callback" \
        >"$directory/stand-in.log" 2>&1 &
    started+=($!)
    "$EXECUTABLE" serve --config "$directory/gateway.yaml" >"$directory/gateway.log" 2>&1 &
    started+=($!)
    await "$STAND_IN_URL/stand-in/counters" "$directory/stand-in.log" &&
        await "http://localhost:$admin_port/ping" "$directory/gateway.log"
}

# The demonstration's integration and routes.
configuration() {
    cat <<YAML
public_url: $GATEWAY_URL
listen: 127.0.0.1:$1
admin_listen: 127.0.0.1:$2
key_ring: $3/keys.json
integrations:
  demo:
    client_id: oac_AcmeDemonstration01
    client_secret: stand-in-client-secret
    slug: acme
    jwks_url: $STAND_IN_URL/.well-known/jwks
    api_url: $STAND_IN_URL
    sso_url: $STAND_IN_URL/sso/integrations
    installation_token:
      source: static
      tokens: { icfg_AcmeAnalyticalEngines0001: stand-in-installation-token }
    routes:
      default: /dashboard
      product: "/products/{product_id}"
      resource: "/dashboard/resources/{resource_id}"
      project: "/dashboard/resources/{resource_id}/projects/{project_id}"
      check: "/dashboard/resources/{resource_id}/checks/{check_id}"
      experimentation_item: "/flags/{experimentation_item_id}"
      invoice: "/billing/invoices/{invoice_id}"
      path:
        billing: /billing
        usage: /usage
        onboarding: /welcome
        support: /support
        secrets: "/dashboard/resources/{resource_id}/secrets"
rules:
  - { path: /admin/, roles: [ADMIN] }
YAML
}
