# When snapshots are taken: a timer of systemd, which catches up after the machine was off.
#
# ROOT: empty; a test's own tree. NAME, CALENDAR, PROGRAM: what, and when.
unit=$ROOT/etc/systemd/system/$NAME
program=$ROOT/usr/local/lib/tame/$NAME.sh

write() {
  cat >"$1.tame-new"
  chmod "$2" "$1.tame-new"
  mv -f "$1.tame-new" "$1"
}

schedule() {
  [ -d "$ROOT/run/systemd/system" ] || { printf '%s\n' "$NO_SCHEDULER" >&2; exit 1; }
  mkdir -p "$ROOT/usr/local/lib/tame"
  printf '%s\n' "$PROGRAM" | write "$program" 0755
  write "$unit.service" 0644 <<UNIT
# Written by TAME; goes when \`preparation.snapshot_hook\` goes.
[Unit]
Description=Snapshot of everything, by TAME

[Service]
Type=oneshot
ExecStart=/bin/sh /usr/local/lib/tame/$NAME.sh
UNIT
  {
    printf '# Written by TAME; goes when `preparation.snapshot_hook` goes.\n[Unit]\n'
    printf 'Description=When %s.service runs\n\n[Timer]\n' "$NAME"
    printf '%s\n' "$CALENDAR" | sed 's/^/OnCalendar=/'
    printf 'Persistent=true\n\n[Install]\nWantedBy=timers.target\n'
  } | write "$unit.timer" 0644
  systemctl daemon-reload
  systemctl enable "$NAME.timer" >/dev/null
  systemctl restart "$NAME.timer"
}

unschedule() {
  [ -e "$unit.timer" ] || [ -e "$unit.service" ] || return 0
  systemctl disable --now "$NAME.timer" >/dev/null 2>&1 || :
  rm -f "$unit.timer" "$unit.service" "$program"
  systemctl daemon-reload
}
