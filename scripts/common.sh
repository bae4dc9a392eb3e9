# Sourced by the other scripts: finds a JDK, builds a jar when it is missing, says what went wrong and what to try.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() { # fail MESSAGE ADVICE
  printf 'Error: %s\n' "$1" >&2
  printf 'Try: %s\n' "$2" >&2
  exit 1
}

[ "$(uname -s)" = Linux ] || fail "Ansim Gateway runs on Linux (this is $(uname -s))" "a Linux machine, a virtual machine or WSL 2"

java_home_or_path() { # java_home_or_path TOOL
  if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/$1" ]; then
    printf '%s\n' "$JAVA_HOME/bin/$1"
  else
    command -v "$1" || true
  fi
}

java=$(java_home_or_path java)
[ -n "$java" ] || fail "no java found on this machine" "sudo apt install openjdk-17-jdk-headless"
java_major=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.specification\.version = //p')
case "$java_major" in
  '' | 1.* | [89] | 1[0-6]) fail "JDK 17 or later is needed (found ${java_major:-an unknown version} at $java)" "sudo apt install openjdk-17-jdk-headless, and set JAVA_HOME if several are installed" ;;
esac

# How the hub is run, and measured. HUB_BRIDGE_JAVA_OPTS comes behind it. G1 is said, for on a small machine Java takes another one by itself; and it is G1
# because a hub has alarms: ParallelGC took a third less time to collect (112,000 units, -Xmx1100m), but each full collection stopped everything for over
# a second of a busy machine, where the longest stop of G1 was 0.4 s.
# Whoever chooses another one there has it: Java takes one only.
# shellcheck disable=SC2034
case " ${HUB_BRIDGE_JAVA_OPTS:-}" in
  *" -XX:+Use"*GC*) hub_java_opts="-XX:-UsePerfData" ;;
  *) hub_java_opts="-XX:-UsePerfData -XX:+UseG1GC" ;;
esac

maven() { # maven ARGUMENTS...: the wrapper, in the repository's root; MAVEN_ARGS adds options
  (cd "$root" && ./mvnw "$@")
}

# jar_of MODULE: sets $jar, building the module when its jar is missing. Two scripts that start together build once.
jar_of() {
  jar=$root/$1/target/$1.jar
  [ -f "$jar" ] && return
  [ -n "$(java_home_or_path javac)" ] || fail "$1.jar is not built yet and no javac was found (a JRE is not enough to build)" "sudo apt install openjdk-17-jdk-headless"
  mkdir -p "$root/target"
  exec 8>"$root/target/.build.lock"
  flock 8
  if [ ! -f "$jar" ]; then
    printf 'Building %s (the first time Maven downloads its libraries: a few minutes; log: target/build.log)\n' "$1.jar" >&2
    maven -B -Dmaven.test.skip=true -Dcheckstyle.skip -Dspotless.check.skip -Djacoco.skip package >"$root/target/build.log" 2>&1 \
      || { tail -n 30 "$root/target/build.log" >&2; fail "the build failed" "reading target/build.log; without a network Maven cannot fetch its libraries"; }
  fi
  exec 8>&-
}
