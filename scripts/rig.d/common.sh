# Sourced by the launchers in scripts/rig: compiles the rigs' own Java and runs one of them with both programs' classes.
# shellcheck shell=bash
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

rig_sources=$root/scripts/rig.d
rig_classes=$root/target/rig/classes

rig_usage() { # rig_usage: the comment at the head of the launcher, as its help
  sed -n '2,/^[^#]/{/^# shellcheck/d;/^[^#]/!s/^# \{0,1\}//p}' "$0"
}

# rig_compile: compiles scripts/rig.d/*.java into target/rig/classes when a source or a jar is newer than the last time.
rig_compile() {
  local javac stamp=$rig_classes/.compiled newer
  # The counter of pages and flushes with which the journal is tested, and the keyboard of the ports' tests: shared, not copied.
  local journal=$root/device-profiles/src/test/java/ansim/journal port=$root/edge-agent/src/test/java/ansim/edge/port
  local shared=("$journal/CountingFiles.java" "$journal/ForwardingFiles.java" "$port/UinputKeyboard.java")
  # The centre that is down, with which deliveries are tested.
  local deliver=$root/hub-bridge/src/test/java/ansim/hub/deliver
  shared+=("$deliver/Outage.java" "$deliver/VirtualPool.java" "$deliver/TestLog.java")
  jar_of edge-agent
  jar_of hub-bridge
  rig_path=$rig_classes:$root/hub-bridge/target/hub-bridge.jar:$root/edge-agent/target/edge-agent.jar
  mkdir -p "$rig_classes"
  exec 7>"$root/target/rig/.compile.lock"
  rig_callers "$root/target" "$root/target/rig" "$root/target/rig/.compile.lock"
  flock 7
  newer=$(find "$rig_sources" "$root"/*/target/{hub-bridge,edge-agent}.jar "${shared[@]}" -name '*.j*a*' ! -name '*.sh' -newer "$stamp" 2>/dev/null | head -n 1 || true)
  if [ ! -f "$stamp" ] || [ -n "$newer" ]; then
    javac=$(java_home_or_path javac)
    [ -n "$javac" ] || fail "the rigs are compiled on start and no javac was found (a JRE is not enough)" "sudo apt install openjdk-17-jdk-headless"
    "$javac" -Xlint:all,-processing,-serial,-classfile -proc:none --release 17 -cp "$rig_path" -d "$rig_classes" "$rig_sources"/*.java "${shared[@]}" >"$root/target/rig/javac.log" 2>&1 \
      || { cat "$root/target/rig/javac.log" >&2; fail "the rigs do not compile" "scripts/test, and reading target/rig/javac.log"; }
    touch "$stamp"
    rig_callers -R "$rig_classes" "$root/target/rig/javac.log"
  fi
  exec 7>&-
}

rig_java() { # rig_java MAIN ARGUMENTS...: takes this shell's place, so that signals and the exit code are the rig's own
  rig_compile
  # shellcheck disable=SC2086
  exec "$java" -XX:+UseSerialGC -XX:-UsePerfData ${RIG_JAVA_OPTS:-} -Dansim.root="$root" -cp "$rig_path" "$@"
}

rig_number() { # rig_number NAME VALUE LEAST MOST: or usage
  case "$2" in '' | *[!0-9]*) printf 'Error: %s must be a number (got %s)\nTry: %s --help\n' "$1" "${2:-nothing}" "$0" >&2; exit 2 ;; esac
  [ "${#2}" -le 9 ] && [ "$2" -ge "$3" ] && [ "$2" -le "$4" ] || { printf 'Error: %s must be in [%s, %s] (got %s)\nTry: %s --help\n' "$1" "$3" "$4" "$2" "$0" >&2; exit 2; }
}

# rig_folder NAME: sets $dir to target/rig/NAME, empty, and keeps a second rig of this name from running beside it. Only who has it alone
# unmounts what an earlier one that was killed left mounted there: the disks of one that runs are its own.
rig_folder() {
  dir=$root/target/rig/$1
  mkdir -p "$root/target/rig"
  exec 9>"$root/target/rig/.$1.lock"
  rig_callers "$root/target" "$root/target/rig" "$root/target/rig/.$1.lock"
  flock -n 9 || fail "scripts/rig/$1 is already running here" "waiting for it, or stopping it with Ctrl-C"
  [ "$(id -u)" != 0 ] || rig_unmount_left
  rm -rf "$dir" 2>/dev/null || fail "$dir cannot be emptied; an earlier run as root may have made it" "sudo rm -rf $dir"
  mkdir -p "$dir"
}

# rig_callers PATH...: what root makes here by sudo belongs to who has called it, or scripts without sudo could not write there.
rig_callers() {
  ! by_sudo || chown -h --reference="$root" "$@"
}

# rig_mount_tools: what LoopDisk runs is there.
rig_mount_tools() {
  local tool
  PATH=$PATH:/usr/sbin:/sbin
  export PATH
  for tool in mkfs.ext4 mount umount findmnt cp truncate sync; do
    command -v "$tool" >/dev/null || fail "$tool was not found" "sudo apt install e2fsprogs mount util-linux"
  done
}

# rig_unmount_left: what is mounted below $dir.
rig_unmount_left() {
  local left
  [ -d "$dir" ] || return 0
  findmnt -rn -o TARGET | grep -F "$dir/" | while read -r left; do umount -l "$left"; done || true
}
