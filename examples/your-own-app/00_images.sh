#!/usr/bin/env bash
set -euo pipefail
docker build --tag overview-hello:1 --build-arg VERSION=1 app
docker build --tag overview-hello:2 --build-arg VERSION=2 app
kind load docker-image overview-hello:1 overview-hello:2
