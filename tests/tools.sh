#!/bin/sh
# Fetches what the tests drive: two Slack emulators and the schemas of a Teams app (npm), and Chromium (from the system).
# Says what is missing.
set -eu
cd "$(dirname "$0")"
if [ "$(uname -s)-$(uname -m)" = "Linux-x86_64" ] && command -v npm >/dev/null; then
    npm ci --silent --no-audit --no-fund
else
    echo "The Slack emulators come by npm for Linux on x86-64; elsewhere their tests are skipped."
fi
for browser in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$browser" >/dev/null && exit 0
done
echo "No Chromium was found, so the browser tests are skipped. On Debian: apt install chromium-headless-shell"
