#!/bin/bash
# check.sh FOLDER REPORT: follow every link of the site that is built in a folder, those to
# others too, and write down what is dead, with the page that it is on. Fails if anything is.
set -euo pipefail
folder=$1 report=$2
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python3 -m http.server --bind 127.0.0.1 --directory "$folder" "$port" >/dev/null 2>&1 &
server=$!
trap 'kill "$server"' EXIT
# Until it answers, for ten seconds at most.
timeout 10 bash -c "until (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done"
# Run as root, it becomes nobody, who may not write the report; so this does.
linkchecker --config "$(dirname "$0")/linkcheckerrc" --no-status "http://127.0.0.1:$port/" >"$report"
