#!/bin/sh
# Where Lambda Web Adapter starts the app when answers are streamed; it waits for /health, then forwards events.
cd "$LAMBDA_TASK_ROOT"
export PYTHONPATH="/opt/python${PYTHONPATH:+:$PYTHONPATH}"
# The adapter is trusted to say who calls: X-Forwarded-For's last entry, which API Gateway wrote.
# Idle connections outlive the adapter's (4 s), so that it never reuses one that is being closed.
exec python -m uvicorn proxy.api:api --host 127.0.0.1 --port "${AWS_LWA_PORT:-8080}" \
    --proxy-headers --forwarded-allow-ips 127.0.0.1 --timeout-keep-alive 60 \
    --no-access-log --no-server-header --no-date-header --log-level warning
