#!/usr/bin/env bash
# Ambiguous requests are refused, and no request after them is answered
source "$(dirname "$0")/common.sh"
python3 "$(dirname "$0")/raw-requests.py" "$GATEWAY_URL"
