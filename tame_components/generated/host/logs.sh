# Rotation of container logs as the engine's own default, merged into its settings.
#
# ROOT: empty; a test's own tree. FILE: the engine's settings. Nothing that stands there is changed
# or removed: what cannot be done is said, and no reason to stop.
say() { printf 'log rotation: %s\n' "$1"; }

leave() { say "left alone: $1"; exit 0; }

# An engine that finds a setting both here and on its command line does not start.
on_the_command_line() {
  for process in "$ROOT"/proc/[0-9]*; do
    if [ "$(cat "$process/comm" 2>/dev/null)" = dockerd ] &&
      tr '\0' '\n' <"$process/cmdline" 2>/dev/null | grep -q '^--log-\(driver\|opt\)'; then
      return 0
    fi
  done
  return 1
}

# Prints the merged settings; 3: they rotate already; 4: another driver; 5: no JSON object.
with_python() {
  python3 - "$1" <<'PROGRAM'
import json, sys
try:
    with open(sys.argv[1], encoding="utf-8") as file:
        found = json.load(file)
except ValueError:
    sys.exit(5)
if not isinstance(found, dict) or not isinstance(found.get("log-opts", {}), dict):
    sys.exit(5)
if found.get("log-driver", "json-file") not in ("json-file", "local"):
    sys.exit(4)
if "max-size" in found.get("log-opts", {}):
    sys.exit(3)
found.setdefault("log-driver", "json-file")
found["log-opts"] = {"max-size": "10m", "max-file": "3", **found.get("log-opts", {})}
print(json.dumps(found, indent=2))
PROGRAM
}

with_jq() {
  kind=$(jq -r 'if type != "object" or ((."log-opts" // {}) | type) != "object" then 5
    elif (."log-driver" // "json-file" | IN("json-file", "local") | not) then 4
    elif (."log-opts" // {} | has("max-size")) then 3 else 0 end' "$1" 2>/dev/null) || kind=5
  [ "${kind:-5}" = 0 ] || return "${kind:-5}"
  jq '."log-driver" //= "json-file"
    | ."log-opts" = {"max-size": "10m", "max-file": "3"} + (."log-opts" // {})' "$1"
}

merged() {
  if command -v python3 >/dev/null; then with_python "$1"
  elif command -v jq >/dev/null; then with_jq "$1"
  else return 6
  fi
}

rotate() {
  [ ! -e "$ROOT/etc/unraid-version" ] || leave 'Unraid has a switch for it: Settings > Docker'
  [ ! -e "$ROOT/etc/synoinfo.conf" ] || leave 'DSM looks after the settings of Container Manager'
  [ ! -L "$FILE" ] || leave "$FILE is a link, so another program writes it"
  ! on_the_command_line || leave 'the engine got its log settings on the command line'
  new=$FILE.tame-new
  code=0
  if [ -e "$FILE" ]; then
    [ -w "$FILE" ] && [ -w "$(dirname "$FILE")" ] || leave "$FILE is not writable for this user"
    cp -p "$FILE" "$new"
    merged "$FILE" >"$new" || code=$?
  else
    mkdir -p "$(dirname "$FILE")" 2>/dev/null || leave "$FILE is not writable for this user"
    printf '%s\n' "$FRESH" >"$new" 2>/dev/null || leave "$FILE is not writable for this user"
  fi
  [ "$code" = 0 ] || rm -f "$new"
  case $code in
    0) ;;
    3) return 0 ;;
    4) leave "$FILE names another log driver" ;;
    5) leave "$FILE is no JSON object" ;;
    *) leave "merging into $FILE needs python3 or jq; add to it: $FRESH" ;;
  esac
  [ ! -e "$FILE" ] || [ -e "$FILE.before-tame" ] || cp -p "$FILE" "$FILE.before-tame"
  mv -f "$new" "$FILE"
  say "set in $FILE; it counts for containers made after the engine's next start: $RESTART"
}
