#!/bin/sh
exec python -m dora.serve "$(dirname "$0")"
