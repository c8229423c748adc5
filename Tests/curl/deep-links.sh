#!/bin/bash
# Which page of the app each kind of deep link opens. The routes are those of the demonstration.
source "${BASH_SOURCE%/*}/checks.bash" || exit 1
echo "Deep links"

# leads WHAT PARAMETERS TARGET
leads() {
    new_code
    ask "$callback${2:+&$2}"
    is "$1" "303 $3" "$status $(header Location)"
}

leads "no deep link opens the default page" '' /dashboard
leads "a product" 'product_id=acme-postgres' /products/acme-postgres
leads "a resource" 'resource_id=db_engine' /dashboard/resources/db_engine
leads "a project of a resource" 'resource_id=db_engine&project_id=prj_1' /dashboard/resources/db_engine/projects/prj_1
leads "a check of a resource" 'resource_id=db_engine&check_id=chk_1' /dashboard/resources/db_engine/checks/chk_1
leads "an experimentation item" 'experimentation_item_id=flag_1' /flags/flag_1
leads "an invoice" 'invoice_id=inv_1' /billing/invoices/inv_1
for pair in billing=/billing usage=/usage onboarding=/welcome support=/support; do
    leads "path=${pair%%=*}" "path=${pair%%=*}" "${pair#*=}"
done
leads "path=secrets with a resource" 'path=secrets&resource_id=db_engine' /dashboard/resources/db_engine/secrets
leads "support=true is path=support" 'support=true' /support
leads "an invoice is more specific than a resource" 'resource_id=db_engine&invoice_id=inv_1' /billing/invoices/inv_1
leads "a project without its resource opens the default page" 'project_id=prj_1' /dashboard
leads "an unknown path opens the default page" 'path=nowhere' /dashboard
leads "an unknown path is no path of ours" 'path=/admin' /dashboard
leads "an unknown parameter is ignored" 'colour=blue' /dashboard
leads "all of an identifier's letters pass" 'resource_id=Az09._~%3A%40-' /dashboard/resources/Az09._~%3A%40-

leads "an own url wins" "url=$GATEWAY_URL/reports%3Fx=1&resource_id=db_engine" "$GATEWAY_URL/reports?x=1"
leads "a url without host is our own" 'url=/reports' /reports
for url in https://evil.example/ //evil.example/ '/%5Cevil.example' '/%5C/evil.example' 'https:evil.example' \
    "$GATEWAY_URL.evil.example/" "$GATEWAY_URL@evil.example/" 'javascript:alert(1)' 'data:text/html,x' 'reports' '' \
    'https://vercel.com.evil.example/' '%20/reports' "${GATEWAY_URL/localhost/LOCALHOST}/reports"; do
    leads "a foreign url is ignored: '$url'" "url=$url" /dashboard
done
leads "a pull request's address is never followed" 'pr=https://github.example/pull/1' /dashboard
leads "nor one that looks like our own" "pr=$GATEWAY_URL/reports" /dashboard

for value in a/b .. . a%2fb %2e%2e %252e%252e 'a%22b' "a%27b" 'a%3Cb' 'a%3Fb' 'a%23b' 'a%5Cb' 'a%20b' 'a;b' '%C3%A9' ''; do
    leads "no resource is called '$value'" "resource_id=$value" /dashboard
done
printf -v long '%0300d' 0
leads "no resource has a name of 300 letters" "resource_id=$long" /dashboard

new_code
ask "${callback/callback\?/callback/\?}&path=billing"
is "the callback works with a trailing slash" "303 /billing" "$status $(header Location)"
new_code
ask "$GATEWAY_URL/sso/callback?code=$code&state=$state"
is "and without mode" "303 /dashboard" "$status $(header Location)"
finish
