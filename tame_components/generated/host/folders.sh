# The folders of the data tree that are missing, and no other; GID is the one group.
#
# A folder gets its name when it is finished, as in own.sh.
shared() {
  [ ! -d "$1" ] || return 0
  shared "$(dirname "$1")"
  if [ -d "$1.tame-new" ]; then rmdir "$1.tame-new"; fi
  mkdir "$1.tame-new"
  chgrp "$GID" "$1.tame-new"
  chmod 2775 "$1.tame-new"
  mv "$1.tame-new" "$1"
}

must_be_marked() {
  [ -e "$1" ] || { printf '%s\n' "$2" >&2; exit 1; }
}
