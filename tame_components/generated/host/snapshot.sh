# A snapshot of a whole machine or file system; then the oldest ones of ours go.
#
# KIND, OF, KEEP. A name is `tame-` and the moment in UTC, so that sorted by name is sorted by age,
# and nothing of anybody else's is ever taken for ours.
name=tame-$(date -u +%Y%m%dT%H%M%SZ)
beside=$OF/.tame-snapshots

take() {
  case $KIND in
    proxmox) qm snapshot "$OF" "$name" --description 'by TAME' ;;
    libvirt) virsh snapshot-create-as --domain "$OF" --name "$name" --atomic ;;
    zfs) zfs snapshot "$OF@$name" ;;
    btrfs) mkdir -p "$beside" && btrfs subvolume snapshot -r "$OF" "$beside/$name" ;;
    qemu) qemu-img snapshot -c "$name" "$OF" ;;
  esac
}

names() {
  case $KIND in
    proxmox) qm listsnapshot "$OF" ;;
    libvirt) virsh snapshot-list --domain "$OF" --name ;;
    zfs) zfs list -H -t snapshot -o name -d 1 "$OF" ;;
    btrfs) ls -1 "$beside" ;;
    qemu) qemu-img snapshot -l "$OF" ;;
  esac
}

drop() {
  case $KIND in
    proxmox) qm delsnapshot "$OF" "$1" ;;
    libvirt) virsh snapshot-delete --domain "$OF" --snapshotname "$1" ;;
    zfs) zfs destroy "$OF@$1" ;;
    btrfs) btrfs subvolume delete "$beside/$1" ;;
    qemu) qemu-img snapshot -d "$1" "$OF" ;;
  esac
}

snapshot() {
  take >&2
  listed=$(names)
  ours=$(printf '%s\n' "$listed" | grep -o 'tame-[0-9]\{8\}T[0-9]\{6\}Z' | sort -ru)
  case $ours in
    *"$name"*) ;;
    *) printf '`%s` is not among the snapshots of `%s`\n' "$name" "$OF" >&2; exit 1 ;;
  esac
  printf '%s\n' "$ours" | tail -n "+$((KEEP + 1))" | while read -r old; do
    [ -z "$old" ] || drop "$old" >&2
  done
  printf '%s\n' "$name"
}
