#!/bin/bash
# Installs what the real tests drive: VS Code 1.100.3 as code-server has it, for node 20, and Chromium.
# usage: setup.sh DIRECTORY     (316 MB; a finished directory is taken as it is)
# npm alone brings it all: install scripts, which download, are off, and only the native modules that the server cannot
# start without are built.
set -euo pipefail
version=4.100.3
directory=$1
finished=$directory/.finished-$version
log=$directory/setup.log

if ! command -v "${CHROMIUM:-chromium}" >/dev/null; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
fi
[ -e "$finished" ] && exit 0

rm -rf "$directory" && mkdir -p "$directory" && cd "$directory"
trap 'echo "setting up VS Code failed; the end of $log:" >&2; tail -n 40 "$log" >&2' ERR
quiet() { "$@" >>"$log" 2>&1; }

echo '{"name": "vscode-under-test", "private": true, "version": "0.0.0"}' > package.json
export npm_config_audit=false npm_config_fund=false
prefix=$(dirname "$(dirname "$(node -p process.execPath)")")
if [ -d "$prefix/include/node" ]; then
  export npm_config_nodedir=${npm_config_nodedir:-$prefix}
fi
quiet npm install --ignore-scripts "code-server@$version"
cd node_modules/code-server/lib/vscode
quiet npm install --omit=dev --ignore-scripts
ln -sfn node_modules node_modules.asar
ln -sfn code-linux.sh bin/remote-cli/code-server
(cd extensions && quiet npm install --omit=dev --ignore-scripts)
quiet npm rebuild @vscode/spdlog native-watchdog
cd "$directory"
quiet npm rebuild argon2 --build-from-source
quiet node_modules/.bin/code-server --version
touch "$finished"
