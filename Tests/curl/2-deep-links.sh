#!/usr/bin/env bash
# Deep links lead to their page, and never to another site
source "$(dirname "$0")/common.sh"
fault none

leads() { check "$1" "$3" "$(location "$callback?$(query)$2")"; }
leads "without a deep link, to the dashboard" "" /dashboard
leads "to a resource" "&resource_id=db_engine" /dashboard/resources/db_engine
leads "to a project of a resource" "&resource_id=db_engine&project_id=prj_1" /dashboard/resources/db_engine/projects/prj_1
leads "to a check, the most specific match" "&resource_id=db_engine&project_id=prj_1&check_id=chk_1" /dashboard/resources/db_engine/checks/chk_1
leads "to a flag" "&experimentation_item_id=flag_1" /flags/flag_1
leads "to an invoice" "&invoice_id=inv_1" /billing/invoices/inv_1
for area in billing:/billing usage:/usage onboarding:/welcome support:/support; do
    leads "to the area ${area%%:*}" "&path=${area%%:*}" "${area#*:}"
done
leads "to a resource's secrets" "&path=secrets&resource_id=db_engine" /dashboard/resources/db_engine/secrets
leads "to support by support=true" "&support=true" /support
leads "an unknown area is ignored" "&path=unknown" /dashboard
leads "an unknown parameter is ignored" "&surprise=1" /dashboard
leads "to a path of the app" "&url=%2Freports%3Fday%3D1%23top" "/reports?day=1#top"
leads "to an address of the app" "&url=$GATEWAY_URL/reports" "$GATEWAY_URL/reports"
for away in '//evil.test' '/%5Cevil.test' 'https://evil.test' "$GATEWAY_URL.evil.test" "$GATEWAY_URL@evil.test" 'javascript:alert(1)' 'HTTP://localhost'; do
    leads "not to $away" "&url=$away" /dashboard
done
check "a tab in an address is refused outright" 400 "$(status "$callback?$(query)&url=/%09/evil.test")"
leads "a name beyond ASCII, with a blank" "&resource_id=caf%C3%A9+1" /dashboard/resources/caf%C3%A9%201
leads "the same in an address" "&url=/caf%C3%A9+1" /caf%C3%A9%201
leads "a value that is too long is ignored" "&url=/$(printf 'a%.0s' $(seq 3000))" /dashboard
leads "a pull request is ignored" "&pr=https%3A%2F%2Fgit.example%2Fpull%2F1" /dashboard
for id in '..%2F..%2Fx' 'a%2Fb' 'a%3Fb' 'a%23b' '%22' '%2e%2e' ''; do
    leads "an id '$id' opens nothing" "&resource_id=$id" /dashboard
done
