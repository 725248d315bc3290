# The folders of the data tree and the services' state directories.
#
# GID: the one group. DEFAULTS: the default access list. MODE: of a folder that is made. ROOT is not
# read here. What lies in a folder keeps its owner and mode, however much it is.
no_list=

# Named folders of the tree belong to the group and hand it on; what a person makes there by hand
# gets the access list's mode, whatever that person's umask is.
shared() {
  [ -d "$1" ] || mkdir -m "$MODE" "$1" 2>/dev/null || [ -d "$1" ]
  mend "$1"
}

mend() {
  chgrp "$GID" "$1" && chmod g+rwxs "$1" || { printf '%s\n' "$NOT_OURS" >&2; exit 1; }
  if ! command -v setfacl >/dev/null; then
    no_list='the host has no `setfacl` (package `acl`)'
  elif ! setfacl -m "$DEFAULTS" "$1" 2>/dev/null; then
    no_list="the file system of $1 keeps no access lists"
  fi
}

say_lists() {
  if [ -n "$no_list" ]; then
    printf 'umask: not set for what is made by hand: %s\n' "$no_list"
  fi
}
