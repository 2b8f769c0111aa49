#!/usr/bin/env bash
# Ceph's S3 server, radosgw, on the loopback: a real server with versions and lifecycle, for tests.
#
#   radosgw.sh start FOLDER [PORT]   fetches Debian's packages into FOLDER, unpacks them there, starts a cluster of one, and prints `URL;KEY;SECRET`
#   radosgw.sh stop FOLDER           stops what it started, by process id
#
# Nothing is installed. The cluster keeps its data in memory (some 500 MB with the servers), so a stop forgets it. A day of a lifecycle lasts SLUIS_DAY
# seconds (10 without), and expiry is looked for as often.
set -euo pipefail

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
command=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
port=${3:-7480}
day=${SLUIS_DAY:-10}
root=$folder/root
run=$folder/run

stop() {
    local file pid
    for file in "$run"/*.started; do
        [ -e "$file" ] || continue
        pid=$(cat "$file")
        # The number may be another's by now.
        if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$run/ceph.conf"; then
            kill -TERM "$pid" 2>/dev/null || true
            for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
            kill -KILL "$pid" 2>/dev/null || true
        fi
        rm -f "$file"
    done
}

case $command in
stop) stop; exit 0 ;;
start) ;;
*) usage ;;
esac

if [ ! -e "$root/unpacked" ]; then
    mkdir -p "$folder/debs/partial" "$root"
    fetch=(apt-get install --yes --no-install-recommends --download-only -o "Dir::Cache::archives=$folder/debs" -o Debug::NoLocking=1
        radosgw ceph-mon ceph-osd ceph-common)
    "${fetch[@]}" >"$folder/fetch.log" 2>&1 || { apt-get update >>"$folder/fetch.log" 2>&1 && "${fetch[@]}" >>"$folder/fetch.log" 2>&1; } \
        || { echo "radosgw.sh: Debian's packages cannot be fetched, see $folder/fetch.log" >&2; exit 1; }
    for deb in "$folder"/debs/*.deb; do dpkg --extract "$deb" "$root"; done
    touch "$root/unpacked"
fi

lib=$root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -print-multiarch 2>/dev/null || echo "$(uname -m)-linux-gnu")
export LD_LIBRARY_PATH=$lib:$lib/ceph:$root/lib/${lib##*/}:$root/usr/lib/ceph
export PATH=$root/usr/bin:$root/usr/sbin:$PATH
export PYTHONPATH=$root/usr/lib/python3/dist-packages
export PYTHONDONTWRITEBYTECODE=1
classes=$(dirname "$(find "$root/usr/lib" -name 'libcls_rgw.so' | head -1)")
erasure=$(dirname "$(find "$root/usr/lib" -name 'libec_jerasure.so' | head -1)")
compressor=$(dirname "$(find "$root/usr/lib" -name 'libceph_snappy.so' | head -1)")

stop
rm -rf "$run"
mkdir -p "$run/mon" "$run/osd" "$run/rgw"
monport=$((port + 1))
fsid=$(cat /proc/sys/kernel/random/uuid)
cat >"$run/ceph.conf" <<EOF
[global]
fsid = $fsid
mon host = [v1:127.0.0.1:$monport]
mon initial members = a
public network = 127.0.0.0/8
ms bind ipv4 = true
ms bind ipv6 = false
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 1
mon warn on pool no redundancy = false
osd objectstore = memstore
memstore device bytes = 2147483648
osd class dir = $classes
osd memory target = 939524096
erasure code dir = $erasure
plugin dir = $(dirname "$compressor")
run dir = $run
admin socket = $run/\$name.asok
pid file = $run/\$name.pid
log file = $run/\$name.log
crash dir = $run
keyring = $run/keyring
log to stderr = false
err to stderr = false
[mon.a]
mon data = $run/mon
mon addr = v1:127.0.0.1:$monport
[osd.0]
osd data = $run/osd
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw data = $run/rgw
rgw lc debug interval = $day
rgw gc obj min wait = 5
rgw thread pool size = 32
rgw enable usage log = false
rgw dns name = localhost
EOF
: >"$run/keyring"
conf=(--conf "$run/ceph.conf")

launch() { # name, program and arguments
    local name=$1
    shift
    setsid nohup "$@" >"$run/$name.out" 2>&1 </dev/null &
    echo $! >"$run/$name.started"
}

fail() {
    echo "radosgw.sh: $1; see $run" >&2
    tail -n 5 "$run"/*.out "$run"/*.log >&2 2>/dev/null || true
    stop
    exit 1
}

monmaptool --create --fsid "$fsid" --addv a "v1:127.0.0.1:$monport" "$run/monmap" >"$run/monmap.out" 2>&1 || fail 'no map of monitors'
ceph-mon "${conf[@]}" --id a --mkfs --monmap "$run/monmap" >"$run/mkfs-mon.out" 2>&1 || fail 'the monitor cannot be made'
launch mon ceph-mon "${conf[@]}" --id a --foreground
ceph() { timeout 60 python3 "$root/usr/bin/ceph" "${conf[@]}" --connect-timeout 30 "$@"; }
ceph osd new "$(cat /proc/sys/kernel/random/uuid | tee "$run/osd-uuid")" >"$run/osd-new.out" 2>&1 || fail 'the monitor does not answer'
ceph-osd "${conf[@]}" --id 0 --mkfs --osd-uuid "$(cat "$run/osd-uuid")" >"$run/mkfs-osd.out" 2>&1 || fail 'the store of objects cannot be made'
launch osd ceph-osd "${conf[@]}" --id 0 --foreground
for _ in $(seq 120); do
    ceph osd stat 2>/dev/null | grep -q '1 up' && break
    sleep 0.5
done
ceph osd stat 2>/dev/null | grep -q '1 up' || fail 'the store of objects does not come up'
launch rgw radosgw "${conf[@]}" --name client.rgw --foreground
for _ in $(seq 240); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    kill -0 "$(cat "$run/rgw.started")" 2>/dev/null || fail 'radosgw has ended'
    sleep 0.5
done
(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail 'radosgw does not answer'
key=SLUIS$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n' | tr a-f A-F)
secret=$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')
timeout 60 radosgw-admin "${conf[@]}" --name client.rgw user create --uid sluis --display-name sluis --access-key "$key" --secret-key "$secret" \
    >"$run/user.out" 2>&1 || fail 'no user can be made'
printf 'http://127.0.0.1:%s;%s;%s\n' "$port" "$key" "$secret"
