#!/usr/bin/env bash
# Rehearses the study: films a drawn shop for so many seconds (90), then does what is done with recordings, to their deletion. What it makes lies in `rehearsal/` beside this file.
#
#     examples/hilversum/rehearse.sh [SECONDS]
#
# `SLUIS` names the program (else `sluis` from the path, else that of this checkout), `SLUIS_REHEARSAL` another folder than this.
set -euo pipefail
seconds="${1:-90}"
here="$(cd "$(dirname "$0")" && pwd)"
sluis="${SLUIS:-$(command -v sluis || echo "$here/../../target/debug/sluis")}"
work="${SLUIS_REHEARSAL:-$here}"
reason='rehearsal of the study: nobody is in it'
step() { printf '\n== %s\n' "$*"; }

mkdir -p "$work/rehearsal"
[ "$work" = "$here" ] || cp "$here/rehearsal.toml" "$work"
config="$work/rehearsal.toml" vault="$work/rehearsal/vault" out="$work/rehearsal"

step 'Is everything there?'
"$sluis" check --config "$config"

step 'What does the camera see? Zones and a grid; what is excluded is black'
"$sluis" zones draw --config "$config" --camera shelves --out "$out/shelves-zones.png"

step "Filming for $seconds seconds"
timeout --foreground --signal=TERM --kill-after=60 "$seconds" "$sluis" run --config "$config" || [ $? -eq 124 ]

step 'Who may look at it? A privacy officer, by a key'
export SLUIS_STAFF_KEY="$out/officer.key"
[ -e "$SLUIS_STAFF_KEY" ] || "$sluis" staff add officer --role privacy-officer --key "$SLUIS_STAFF_KEY" --config "$config"

step 'What is kept, until when, and can all of it be opened?'
"$sluis" vault ls --vault "$vault"
"$sluis" vault verify --vault "$vault"

step 'What people did (report.html)'
"$sluis" study report --vault "$vault" --reason "$reason" --config "$config" --format html --out "$out/report.html"
"$sluis" study report --vault "$vault" --reason "$reason" --config "$config"

step 'Training data for a partner (handed-out/), as `examples/train-on-reaches` reads them'
rm -rf "$out/handed-out"
"$sluis" dataset export --vault "$vault" --out "$out/handed-out" --formats webdataset --event reach --with-nothing --reason "$reason"
"$sluis" dataset ls --vault "$vault"

step 'What is written down of all this, and was any of it changed?'
"$sluis" ledger verify --config "$config"
"$sluis" ledger ls --config "$config" --last 12

step 'After the training: deleted'
"$sluis" dataset purge --out "$out/handed-out"
rm -r "$out/handed-out"
echo "What is left in $vault is destroyed when its two hours are over, by the service: while it runs, or at its next start."
