#!/usr/bin/env bash
# The single steps of both programs by JMH, each with ns/op and B/op, in one table.
#
#   scripts/bench micro            3 forks of 5 x 1 s after 5 s of warm-up; about 10 min
#   scripts/bench micro --short    1 fork of 5 x 0.2 s; under 3 min, and less exact
#
# NMEA, UBX and cards through the shipped profiles; CBOR and COSE of the contract; Ed25519 by BouncyCastle and the Corretto provider; the
# journal on this disk, forced and not; the district of a place. JMH 1.37 comes from Maven Central by scripts/bench.d/micro/pom.xml the first
# time, and no part of it goes into the programs. Results with the machine's description: target/bench/micro.json.
# Exit 0: measured; 1: something did not run; 2: usage.
# shellcheck source=scripts/common.sh
. "$(dirname "$(readlink -f "$0")")/../common.sh"

usage() { sed -n '2,/^[^#]/{/^# shellcheck/d;/^[^#]/!s/^# \{0,1\}//p}' "$0"; }
short=false
while [ $# -gt 0 ]; do
  case "$1" in
    --short) short=true; shift ;;
    -h | --help) usage; exit 0 ;;
    *) printf 'Error: unknown argument %s\nTry: scripts/bench micro --help\n' "$1" >&2; exit 2 ;;
  esac
done

jar_of edge-agent
edge_jar=$jar
jar_of hub-bridge
bench_javac=$(java_home_or_path javac)
[ -n "$bench_javac" ] || fail "the bench is compiled on start and no javac was found (a JRE is not enough)" "sudo apt install openjdk-17-jdk-headless"
dir=$root/target/bench/micro
classes=$root/target/bench/micro-classes
mkdir -p "$root/target/bench"
exec 9>"$root/target/bench/.micro.lock"
flock -n 9 || fail "scripts/bench micro is already running here" "waiting for it, or stopping it with Ctrl-C"
jmh=$root/target/bench/jmh.classpath
jmh_there() { # every jar that the list names is still there
  local each
  [ -s "$jmh" ] || return 1
  tr ':' '\n' <"$jmh" | while read -r each || [ -n "$each" ]; do [ -f "$each" ] || return 1; done
}
if ! jmh_there; then
  maven -q -B -f scripts/bench.d/micro/pom.xml dependency:build-classpath "-Dmdep.outputFile=$jmh" >"$root/target/bench/jmh.log" 2>&1 \
    || { rm -f "$jmh"; tail -n 5 "$root/target/bench/jmh.log" >&2; fail "JMH was not fetched" "a network for the first time, and reading target/bench/jmh.log"; }
fi
rm -rf "$dir" "$classes"
mkdir -p "$dir" "$classes"
# The one place where an annotation processor runs: JMH writes the loops around the benchmarks.
"$bench_javac" -nowarn --release 17 -cp "$jar:$edge_jar:$(cat "$jmh")" -processorpath "$(cat "$jmh")" -d "$classes" \
  "$root"/scripts/bench.d/micro/*.java "$root"/scripts/bench.d/shared/*.java >"$root/target/bench/micro-javac.log" 2>&1 \
  || { cat "$root/target/bench/micro-javac.log" >&2; fail "the bench does not compile" "reading target/bench/micro-javac.log"; }
exec "$java" -Xmx256m -Dtinylog.level=warn -cp "$classes:$jar:$edge_jar:$(cat "$jmh")" MicroBench "$dir" "$short"
