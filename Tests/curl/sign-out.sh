#!/bin/bash
# Signing out ends the session wherever its cookie has been copied to.
source "${BASH_SOURCE%/*}/checks.bash" || exit 1
echo "Sign-out"

jar=$work/jar
page=$GATEWAY_URL/sso/sign_out
sign_in "$jar" "$ben"
cp "$jar" "$work/copy"
ask -b "$jar" -c "$jar" "$page"
is "the address shows a page" 200 "$status"
holds "with a button" '<form method="post" action="/sso/sign_out">'
holds "and the name of who is signed in" 'Ben Viewer'
is "looking at it ends nothing" "$ben" "$(whoami "$jar")"
matches "nobody may frame the page" "frame-ancestors 'none'" "$(header Content-Security-Policy)"

ask -b "$jar" -X POST -H 'Origin: https://evil.example' -d '' "$page"
is "a form of another site is refused" 403 "$status"
ask -b "$jar" -X POST -H 'Origin: null' -d '' "$page"
is "and one of a sandbox" 403 "$status"
ask -b "$jar" -X POST -H 'Sec-Fetch-Site: cross-site' -d '' "$page"
is "and one that the browser calls foreign" 403 "$status"
is "so the session lives on" "$ben" "$(whoami "$jar")"

ask -b "$jar" -c "$jar" -X POST -H "Origin: $GATEWAY_URL" -d '' "$page?rd=https://evil.example/"
is "our own form signs out, and a redirect parameter is nothing to it" "303 /sso/sign_out" "$status $(header Location)"
matches "the cookie is cleared" 'sso_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax' "$(header Set-Cookie)"
is "the browser is not signed in any more" nobody "$(whoami "$jar")"
is "nor is anybody with a copy of the cookie" nobody "$(whoami "$work/copy")"
ask -b "$work/copy" "$page"
holds "the page then says so" 'You are signed out'
ask -b "$work/copy" -X POST -d '' "$page"
is "signing out twice does no harm" 303 "$status"
finish
