# A service's state directory, where it is missing. NOT_OURS: said where its owner cannot be set.
#
# Made aside and renamed: whoever interrupts leaves no directory of the wrong owner behind.
own() {
  [ ! -d "$1" ] || return 0
  mkdir -p "$(dirname "$1")"
  if [ -d "$1.tame-new" ]; then rmdir "$1.tame-new"; fi
  mkdir -m 0700 "$1.tame-new"
  chown "$2" "$1.tame-new" || { printf '%s\n' "$NOT_OURS" >&2; exit 1; }
  chmod 0750 "$1.tame-new"
  mv "$1.tame-new" "$1"
}
