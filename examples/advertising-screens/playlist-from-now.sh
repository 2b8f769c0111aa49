#!/bin/sh
# Writes a playlist for recordings that are played now: every screen that is named shows three adverts of 20 seconds each in turn, from this minute on, for an hour.
#
#   ./playlist-from-now.sh SCREEN… > playlist.csv
set -eu

[ "$#" -gt 0 ] || { echo "usage: $0 SCREEN… > playlist.csv" >&2; exit 2; }
start=$(($(date +%s) / 60 * 60))
echo "screen,advert,start,end"
for screen in "$@"; do
    n=0
    while [ "$n" -lt 180 ]; do
        case $((n % 3)) in 0) advert=coffee ;; 1) advert=bread ;; 2) advert=cheese ;; esac
        from=$(date -u -d "@$((start + n * 20))" +%Y-%m-%dT%H:%M:%SZ)
        until=$(date -u -d "@$((start + n * 20 + 20))" +%Y-%m-%dT%H:%M:%SZ)
        echo "$screen,$advert,$from,$until"
        n=$((n + 1))
    done
done
