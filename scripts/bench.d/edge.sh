#!/usr/bin/env bash
# What a unit's agent costs on this machine, in one table, beside a mosquitto with a bridge that does the same job.
#
#   scripts/bench edge            three rounds, medians; about 13 min
#   scripts/bench edge --short    one round, fewer events; under 3 min
#
# A real `edge-agent run` reads a card reader and a GNSS receiver at 1 Hz on pseudo-terminals. A tap is the card's bytes written into the
# reader's line; it is durable when the light *stored* comes. Measured: tap to durable, durable events per second, bytes and flushes at the
# device per event, what is gone after the power is cut, tap to the hub's receipt, CPU and RSS at 1 Hz, start to the first durable event.
# Beside it mosquitto, as installed and with its durable setting (autosave_interval 1, autosave_on_changes true): a publish with QoS 1.
#
# As root each store lies on an ext4 of its own on a loop device that is mounted under target/bench/edge and unmounted again; for others bytes
# and flushes are left out, and kill -9 stands in for the power cut. Without mosquitto its columns are left out. Results with the
# machine's description: target/bench/edge.json. Loopback only; it ends only processes that it started.
# Exit 0: measured; 1: something did not run; 2: usage.
# shellcheck source=scripts/rig.d/common.sh
. "$(dirname "$(readlink -f "$0")")/../rig.d/common.sh"

short=false
while [ $# -gt 0 ]; do
  case "$1" in
    --short) short=true; shift ;;
    -h | --help) rig_usage; exit 0 ;;
    *) printf 'Error: unknown argument %s\nTry: scripts/bench edge --help\n' "$1" >&2; exit 2 ;;
  esac
done

jar_of edge-agent
edge_jar=$jar
jar_of hub-bridge
bench_javac=$(java_home_or_path javac)
[ -n "$bench_javac" ] || fail "the bench is compiled on start and no javac was found (a JRE is not enough)" "sudo apt install openjdk-17-jdk-headless"
dir=$root/target/bench/edge
classes=$root/target/bench/edge-classes
mkdir -p "$root/target/bench"
exec 9>"$root/target/bench/.edge.lock"
flock -n 9 || fail "scripts/bench edge is already running here" "waiting for it, or stopping it with Ctrl-C"
PATH=$PATH:/usr/sbin:/sbin
export PATH
if [ "$(id -u)" = 0 ]; then
  rig_mount_tools
  # What an earlier run that was killed left mounted.
  findmnt -rn -o TARGET | grep -F "$dir/" | while read -r left; do umount -l "$left"; done || true
fi
# LoopDisk, Program and Tool are the rigs' own: shared, not copied.
rm -rf "$dir" "$classes"
mkdir -p "$dir" "$classes"
"$bench_javac" -Xlint:all,-processing,-serial,-classfile -proc:none --release 17 -cp "$jar:$edge_jar" -d "$classes" \
  "$root"/scripts/bench.d/edge/*.java "$root"/scripts/bench.d/shared/*.java "$root"/scripts/rig.d/{LoopDisk,Program,Tool}.java \
  >"$root/target/bench/edge-javac.log" 2>&1 \
  || { cat "$root/target/bench/edge-javac.log" >&2; fail "the bench does not compile" "reading target/bench/edge-javac.log"; }
# The agent's Java machine is the one that its launcher starts.
options=${EDGE_AGENT_JAVA_OPTS:-$(sed -n 's/.*EDGE_AGENT_JAVA_OPTS:-\(.*\)} -jar.*/\1/p' "$root/scripts/edge-agent")}
exec "$java" -XX:+UseSerialGC -Xmx128m -Dtinylog.level=warn -cp "$classes:$jar:$edge_jar" \
  EdgeBench "$dir" "$java" "$options" "$edge_jar" "$jar" "$(command -v mosquitto || true)" "$short"
