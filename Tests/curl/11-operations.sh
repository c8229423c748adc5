#!/usr/bin/env bash
# Every operation of the marketplace's API, through the broker, by curl and by command
source "$(dirname "$0")/common.sh"
[ -n "${BROKER_URL:-}" ] || { echo "(skipped: BROKER_URL is not set, because only this machine may reach it)"; exit 0; }
fault none
installation=icfg_AcmeAnalyticalEngines001
below=/v1/installations/$installation
token=curl-broker-token
now=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
today=$(date -u +%Y-%m-%d)
period="{\"start\":\"$(date -u -d yesterday +%Y-%m-%dT00:00:00.000Z)\",\"end\":\"$(date -u -d tomorrow +%Y-%m-%dT00:00:00.000Z)\"}"
item='{"billingPlanId":"plan_pro","resourceId":"db_engine","name":"Compute","price":"694.00","quantity":228.64,"units":"hours","total":"158676.16"}'
discount='{"billingPlanId":"plan_pro","name":"Launch","amount":"0.50"}'
usage='{"resourceId":"db_engine","name":"Storage","type":"total","units":"GB","dayValue":4.25,"periodValue":9,"planValue":10}'
secret='{"name":"DATABASE_URL","value":"postgres://canary-value","prefix":"ACME_"}'
experiment='"slug":"dark-mode","origin":"https://app.example/flags/dark-mode","category":"flag","name":"Dark mode"'
id=curl-$RANDOM$RANDOM

# call OPERATION STATUS METHOD PATH [BODY]: the marketplace's answer is in $last.
call() {
    local answer
    answer=$(curl -s --path-as-is -D - -X "$3" -H "Authorization: Bearer $token" ${5:+-H "Content-Type: application/json" -d "$5"} \
        "$BROKER_URL$4" | tr -d '\r')
    check_has "$1 by curl" "^HTTP/1.1 $2" "$answer"
    check_lacks "$1 reaches the marketplace" "^X-SSO-Broker:" "$answer"
    last=$answer
}
call getAccountInfo 200 GET "$below/account"
call getMember 200 GET "$below/member/$ada"
call updateInstallation 204 PATCH "$below" '{"status":"ready","externalId":"acct_7","notification":{"level":"warn","title":"Renew"}}'
call createEvent 201 POST "$below/events" '{"event":{"type":"resource.updated","resourceId":"db_engine","productId":"acme-postgres"}}'
call submitBillingData 201 POST "$below/billing" "{\"timestamp\":\"$now\",\"eod\":\"$now\",\"period\":$period,\"billing\":{\"items\":[$item],\"discounts\":[$discount]},\"usage\":[$usage]}"
check_has "the stand-in has the day" "\"$today\"" "$(curl -s "$STAND_IN_URL/stand-in/billing")"
call submitPrepaymentBalances 201 POST "$below/billing/balance" "{\"timestamp\":\"$now\",\"balances\":[{\"resourceId\":\"db_engine\",\"credit\":\"2,000 Tokens\",\"nameLabel\":\"Tokens\",\"currencyValueInCents\":-3500}]}"
# Nothing of this installation is about to be deleted.
call finalizeInstallation 400 POST "$below/billing/finalize"
invoice="{\"externalId\":\"$id\",\"invoiceDate\":\"$now\",\"memo\":\"Thank you\",\"period\":$period,\"items\":[$item],\"discounts\":[$discount],\"test\":{\"result\":\"paid\"}}"
call submitInvoice 200 POST "$below/billing/invoices" "$invoice"
number=$(sed -n 's/.*"invoiceId":"\([^"]*\)".*/\1/p' <<<"$last")
call submitInvoice 409 POST "$below/billing/invoices" "$invoice"
call getInvoice 200 GET "$below/billing/invoices/$number"
check_has "a total is exact" '"total":"158675.66"' "$last"
# It is not paid yet.
call updateInvoice 409 POST "$below/billing/invoices/$number/actions" '{"action":"refund","reason":"Outage","total":"12.50"}'
call getIntegrationResources 200 GET "$below/resources"
call importResource 200 PUT "$below/resources/$id" "{\"ownership\":\"linked\",\"productId\":\"acme-postgres\",\"name\":\"engine\",\"status\":\"ready\",\"metadata\":{\"region\":\"iad1\"},\"secrets\":[$secret]}"
call getIntegrationResource 200 GET "$below/resources/$id"
call updateResource 200 PATCH "$below/resources/$id" '{"status":"suspended","notification":null}'
call updateResourceSecretsById 201 PUT "$below/resources/$id/secrets" "{\"secrets\":[$secret],\"partial\":true}"
call updateResourceSecrets 201 PUT "$below/products/acme-postgres/resources/$id/secrets" "{\"secrets\":[$secret]}"
call createInstallationIntegrationConfiguration 204 POST "$below/resources/$id/experimentation/items" "{\"items\":[{\"id\":\"flag_1\",$experiment}]}"
call updateInstallationIntegrationConfiguration 204 PATCH "$below/resources/$id/experimentation/items/flag_1" "{$experiment,\"isArchived\":true}"
call deleteInstallationIntegrationConfiguration 204 DELETE "$below/resources/$id/experimentation/items/flag_1"
call deleteIntegrationResource 204 DELETE "$below/resources/$id"
call buyCredits 200 POST /v1/billing/buy '{"item":{"type":"credits","creditType":"v0","amount":100}}'
call createCheckoutSession 200 POST /api/v1/org/acme/credits/checkout '{"cancel_url":"https://app.example/no","quantity":10,"success_url":"https://app.example/yes"}'

[ -n "${EXECUTABLE:-}" ] || { echo "(commands skipped: the executable is not known)"; exit 0; }
(umask 077; printf '%s\n' "$token" >token)
# run OPERATION EXIT-CODE COMMAND…: what it prints is in $last.
run() {
    local operation=$1 wanted=$2 code=0
    shift 2
    last=$("$EXECUTABLE" marketplace "$@" --broker "$BROKER_URL" --token-file token 2>&1) || code=$?
    check "$operation by command" "$wanted" "$code"
}
body() { printf '%s' "$1" >body.json; }
run getAccountInfo 0 account get $installation
check_has "an answer is shown in lines" "contact.email +contact@analytical.example" "$last"
check_lacks "and without colour in a pipe" $'\e' "$last"
run getMember 0 member get $installation $ada --json
check_has "--json is the marketplace's answer" '"role":"ADMIN"' "$last"
run updateInstallation 0 installation update $installation --status ready --remove-notification
run createEvent 0 event create $installation --resource db_engine --product acme-postgres
body "{\"timestamp\":\"$now\",\"balances\":[{\"currencyValueInCents\":100}]}"
run submitPrepaymentBalances 0 installation balance $installation --body body.json
run finalizeInstallation 1 installation finalize $installation
check_has "a refusal says what to do" "next +Correct what the message names" "$last"
check_has "and whom to name to the vendor" "X-Vercel-Id +stand-in" "$last"
body "${invoice/$id/$id-2}"
run submitInvoice 0 invoice submit $installation --body body.json --json
number=$(sed -n 's/.*"invoiceId":"\([^"]*\)".*/\1/p' <<<"$last")
run getInvoice 0 invoice get $installation "$number"
run updateInvoice 1 invoice refund $installation "$number" --total 12.50 --reason Outage
run updateInvoice 1 invoice refund $installation "$number" --total 1e3 --reason Outage
check_has "a bad amount is refused by its name" "total must be an amount" "$last"
run getIntegrationResources 0 resource list $installation
check_has "a list is a table" "partnerId +internalId" "$last"
body "{\"productId\":\"acme-postgres\",\"name\":\"engine\",\"status\":\"ready\",\"secrets\":[$secret]}"
run importResource 0 resource import $installation "$id" --body body.json --dry-run
check_lacks "a dry run shows no secret" "canary-value" "$last"
run importResource 0 resource import $installation "$id" --body body.json
run getIntegrationResource 0 resource get $installation "$id"
body '{"status":"suspended"}'
run updateResource 0 resource update $installation "$id" --body body.json
body "{\"secrets\":[$secret]}"
run updateResourceSecretsById 0 secrets update $installation "$id" --body body.json
run updateResourceSecrets 0 secrets update $installation "$id" --product acme-postgres --body body.json
body "{\"items\":[{\"id\":\"flag_1\",$experiment}]}"
run createInstallationIntegrationConfiguration 0 experimentation create $installation "$id" --body body.json
body "{$experiment}"
run updateInstallationIntegrationConfiguration 0 experimentation update $installation "$id" flag_1 --body body.json
run deleteInstallationIntegrationConfiguration 0 experimentation delete $installation "$id" flag_1
run deleteIntegrationResource 0 resource delete $installation "$id"
run buyCredits 0 credits buy --type v0 --amount 100
run createCheckoutSession 0 credits checkout acme --quantity 10 --success-url https://app.example/yes --cancel-url https://app.example/no

common=$(sed -n 's/.*"start":"\([^"]*\)","end":"\([^"]*\)".*/\1,\2/p' <<<"$period")
{
    echo installation,line,timestamp,eod,period.start,period.end,resourceId,name,type,units,dayValue,periodValue,billingPlanId,price,quantity,total,externalId,invoiceDate
    echo "$installation,usage,$now,$now,$common,db_engine,Storage,total,GB,4.25,9,,,,,,"
    echo "$installation,billing,$now,$now,$common,db_engine,Compute,,hours,,,plan_pro,1.10,2,2.20,,"
    echo "$installation,invoice,,,$common,kv_punchcards,Compute,,hours,,,plan_$id,1.10,2,2.20,batch-$id,$now"
} >month.csv
run submitBillingData 0 billing submit month.csv --dry-run
check_has "a dry run says what would be sent" "2 records, 1 of them invoices of .2.20" "$last"
check "and begins no journal" "" "$(ls ./*.progress 2>/dev/null)"
run submitBillingData 0 billing submit month.csv
check_has "a batch is confirmed" "confirmed +2" "$last"
run submitBillingData 0 billing submit month.csv
check_has "and not sent again" "confirmed earlier +2" "$last"
sed 's/2.20,batch/2.2O,batch/' month.csv >other.csv
run submitBillingData 1 billing submit other.csv
check_has "a bad line is named" "other.csv:4: total must be an amount" "$last"
run submitBillingData 1 billing submit month.csv --journal other.csv.progress
check_has "an externalId that is there already is a conflict" "month.csv:4: .*externalId already" "$last"
cp month.csv changed.csv
sed -i 's/4.25/5.25/' changed.csv
run submitBillingData 1 billing submit changed.csv --journal month.csv.progress
check_has "a journal is of one file" "was begun with another file" "$last"
