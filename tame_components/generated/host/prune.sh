# When images that nothing uses go: a timer of systemd where that runs, else an entry of cron.
#
# ROOT: empty; a test's own tree. NAME, CRON, CALENDAR, ARGUMENTS: what, and when. A timer is first
# because it is certain to run, and catches up after the machine was off.
cron_file=$ROOT/etc/cron.d/$NAME
unit=$ROOT/etc/systemd/system/$NAME

without_cron() { rm -f "$cron_file" "$cron_file.tame-new"; }

without_timer() {
  [ -e "$unit.timer" ] || [ -e "$unit.service" ] || return 0
  systemctl disable --now "$NAME.timer" >/dev/null 2>&1 || :
  rm -f "$unit.timer" "$unit.service" "$unit.timer.tame-new" "$unit.service.tame-new"
  systemctl daemon-reload
}

# Whole or not at all; neither cron nor systemd reads a name with this ending.
write() {
  cat >"$1.tame-new"
  chmod 0644 "$1.tame-new"
  mv -f "$1.tame-new" "$1"
}

# busybox has a `crond` inside, which reads no cron.d: a program has a path.
has_cron() {
  case $(command -v cron || command -v crond) in /*) [ -d "$ROOT/etc/cron.d" ] ;; *) false ;; esac
}

impossible() { printf '%s\n' "$1" >&2; exit 1; }

with_timer() {
  write "$unit.service" <<UNIT
# Written by TAME; goes when \`preparation.prune_images\` goes.
[Unit]
Description=Remove Docker images that nothing uses

[Service]
Type=oneshot
ExecStart=$docker $ARGUMENTS
UNIT
  {
    printf '# Written by TAME; goes when `preparation.prune_images` goes.\n[Unit]\n'
    printf 'Description=When %s.service runs\n\n[Timer]\n' "$NAME"
    printf '%s\n' "$CALENDAR" | sed 's/^/OnCalendar=/'
    printf 'Persistent=true\n\n[Install]\nWantedBy=timers.target\n'
  } | write "$unit.timer"
  systemctl daemon-reload
  systemctl enable "$NAME.timer" >/dev/null
  systemctl restart "$NAME.timer"  # a timer that runs keeps its old times otherwise
}

with_cron() {
  write "$cron_file" <<ENTRY
# Written by TAME; goes when \`preparation.prune_images\` goes.
$CRON root $docker $ARGUMENTS >/dev/null
ENTRY
}

schedule() {
  docker=$(command -v docker) || impossible "$NO_DOCKER"
  if [ -e "$ROOT/etc/unraid-version" ] || [ -e "$ROOT/etc/synoinfo.conf" ]; then
    impossible "$NAS"
  elif [ -d "$ROOT/run/systemd/system" ]; then
    with_timer
    without_cron
  elif has_cron; then
    with_cron
    without_timer
  else
    impossible "$NO_SCHEDULER"
  fi
}

unschedule() { without_timer; without_cron; }
