# File systems that have to be there before anything is written. All that is wrong is said at once.
#
# ROOT: empty; a test's own tree in front of /proc. Functions are called by the lines below.
failed=0

wrong() { printf '%s\n' "$1" >&2; failed=1; }

# A path as the kernel spells it in /proc/mounts (proc(5)), without symbolic links.
kernels() {
  (cd "$1" 2>/dev/null && pwd -P) | sed 's/\\/\\134/g; s/ /\\040/g; s/	/\\011/g'
}

# The nearest directory that exists, of one that may still have to be made.
existing() {
  at=$1
  while [ ! -d "$at" ]; do at=$(dirname "$at"); done
  printf '%s\n' "$at"
}

# Looking into it mounts what autofs mounts on demand; the last mount on a point is the one seen.
mounted() {
  [ -d "$1/." ] || return 1
  AT=$(kernels "$1") awk '
    $2 == ENVIRON["AT"] { kind = $3 }
    END { exit kind == "" || kind == "autofs" }' "$ROOT/proc/mounts"
}

type_of() {
  AT=$(kernels "$1") awk '
    {
      point = $2 == "/" ? "" : $2
      inside = ENVIRON["AT"] == $2 || index(ENVIRON["AT"], point "/") == 1
      if (inside && length($2) >= best) { best = length($2); kind = $3 }
    }
    END { print kind }' "$ROOT/proc/mounts"
}

must_be_mounted() { mounted "$1" || wrong "$2"; }

must_be_marked() { [ -e "$1" ] || wrong "$2"; }

must_be_local() {
  kind=$(type_of "$(existing "$1")")
  for network in $3; do
    if [ "$kind" = "$network" ]; then wrong "$2"; fi
  done
}
