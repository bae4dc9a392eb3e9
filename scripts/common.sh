# Sourced by the other scripts: finds a JDK, builds a jar when it is missing or old, says what went wrong and what to try.
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
# Whoever chooses another one there has it: Java takes one only. GCTimeRatio: by itself G1 lets a twelfth of the time go into collecting before it
# takes more of the memory that it may; so it takes it at a fortieth (112,000 units, -Xmx2g: 7 instead of 12 % of a processor, stops a third as often).
# shellcheck disable=SC2034
case " ${HUB_BRIDGE_JAVA_OPTS:-}" in
  *" -XX:+Use"*GC*) hub_java_opts="-XX:-UsePerfData" ;;
  *) hub_java_opts="-XX:-UsePerfData -XX:+UseG1GC -XX:GCTimeRatio=40" ;;
esac

maven() { # maven ARGUMENTS...: the wrapper, in the repository's root; MAVEN_ARGS adds options
  (cd "$root" && ./mvnw "$@")
}

# by_sudo: whether this is root for a moment only, whose files somebody else has to live with afterwards.
by_sudo() { [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ]; }

# jar_is_new MODULE: its jar is there, and nothing of what it is made of is newer. Folders count: a file may be gone.
jar_is_new() {
  local at=$root/$1/target/$1.jar
  [ -f "$at" ] && [ -z "$(find "$root/pom.xml" "$root"/{device-profiles,"$1"}/{pom.xml,src/main} -newer "$at" -print -quit 2>/dev/null)" ]
}

# jar_of MODULE: sets $jar, building the module when its jar is missing or older than its sources. Two scripts that start together build once.
jar_of() {
  local each old
  jar=$root/$1/target/$1.jar
  ! jar_is_new "$1" || return 0
  if [ -z "$(java_home_or_path javac)" ]; then
    [ -f "$jar" ] || fail "$1.jar is not built yet and no javac was found (a JRE is not enough to build)" "sudo apt install openjdk-17-jdk-headless"
    printf 'Warning: %s.jar is older than its sources and there is no javac to build it: it is taken as it is\n' "$1" >&2
    return
  fi
  ! by_sudo || fail "$1.jar has to be built, and what root builds here $SUDO_USER could not build again" "scripts/$1 --help (which builds it) without sudo, then this again"
  mkdir -p "$root/target"
  exec 8>"$root/target/.build.lock"
  flock 8
  if ! jar_is_new "$1"; then
    printf 'Building %s (the first time Maven downloads its libraries: a few minutes; log: target/build.log)\n' "$1.jar" >&2
    # Maven writes into the jar that is there: a program that runs keeps the one that it has open.
    for each in edge-agent hub-bridge; do
      old=$root/$each/target/$each.jar
      [ ! -f "$old" ] || { cp -p "$old" "$old.old" && mv -f "$old.old" "$old"; }
    done
    touch "$root/target/.build.began"
    maven -B -Dmaven.test.skip=true -Dcheckstyle.skip -Dspotless.check.skip -Djacoco.skip package >"$root/target/build.log" 2>&1 \
      || { tail -n 30 "$root/target/build.log" >&2; fail "the build failed" "reading target/build.log; without a network Maven cannot fetch its libraries"; }
    # As old as what it was made of: Maven leaves a jar alone in which nothing changed, and somebody may have changed a source meanwhile.
    touch -r "$root/target/.build.began" "$jar"
  fi
  exec 8>&-
}
