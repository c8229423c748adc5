#!/bin/bash
# Which methods each address takes, and that looking costs nothing.
source "${BASH_SOURCE%/*}/checks.bash" || exit 1
echo "Methods"

new_code
before=$(counter exchanges)
ask -I "$callback"
is "HEAD on the callback says nothing" 204 "$status"
is "signs nobody in" '' "$(session_cookie)"
is "and spends no code" "$before" "$(counter exchanges)"
ask "$callback"
is "so that the code still signs in" 303 "$status"

# takes ADDRESS ALLOW METHODS_THAT_IT_DOES_NOT_TAKE
takes() {
    local method
    for method in $3; do
        ask -X "$method" "$GATEWAY_URL$1"
        is "$method $1 is 405 with Allow: $2" "405 $2" "$status $(header Allow)"
    done
}
takes /sso/callback 'GET, HEAD' 'POST PUT PATCH DELETE OPTIONS'
takes /sso/callback/ 'GET, HEAD' POST
takes /sso/start 'GET, HEAD' 'POST DELETE'
takes /sso/session 'GET, HEAD' 'POST DELETE'
takes /sso/sign_out 'GET, POST, HEAD' 'PUT DELETE OPTIONS'
takes /sso/switch POST 'GET HEAD PUT'
new_code
ask -X POST "$callback"
ask "$callback"
is "a refused method spends no code either" 303 "$status"

ask -I "$GATEWAY_URL/sso/start"
is "HEAD on the start begins nothing" "204 " "$status $(header Set-Cookie)"
for method in TRACE CONNECT BREW; do
    ask -X "$method" "$GATEWAY_URL/sso/session"
    matches "$method is nobody's method" '^(400|405|501)$' "$status"
done
for address in /sso/ /sso/nothing /sso/callback/x /sso/callbackx /SSO/callback /sso/assets/ /sso/assets/../session; do
    ask "$GATEWAY_URL$address"
    matches "there is nothing at $address" '^(404|400)$' "$status"
done

sign_in "$work/jar"
ask -b "$work/jar" "$GATEWAY_URL/sso/sign_out"
style=$(sed -n 's/.*href="\(\/sso\/assets\/[^"]*css\)".*/\1/p' "$work/body")
ask "$GATEWAY_URL$style"
is "the pages' style is there" 200 "$status"
matches "and may be kept" immutable "$(header Cache-Control)"
finish
