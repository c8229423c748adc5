#!/usr/bin/env bash
# Requests that programs read differently are refused, and nothing behind them is answered
source "$(dirname "$0")/common.sh"
python3 "$(dirname "$0")/raw-requests.py" "$GATEWAY_URL"
