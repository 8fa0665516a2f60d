#!/usr/bin/env bash
# Runs a built .NET program inside a folder that holds Debian 13: TorchSharp 0.107 needs a newer libstdc++ than Debian 12
# or Ubuntu 22.04 have. Root is needed (debootstrap, mount, chroot); nothing outside the folder is changed.
#   debian13.sh setup              make the folder (about half a minute, 300 MB)
#   debian13.sh run DLL ARG...     run a program in it; its folder is mounted at the same path
#   debian13.sh remove             unmount everything and delete the folder
# The folder is DEBIAN13, or ~/debian13 when that is unset.
set -euo pipefail
folder=${DEBIAN13:-$HOME/debian13}
sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")

share() { # share PATH: make PATH visible inside
  mkdir -p "$folder$1"
  mountpoint -q "$folder$1" || mount --bind "$1" "$folder$1"
}

case ${1:-} in
  setup)
    if ! command -v debootstrap >/dev/null; then
      apt-get update -q >/dev/null
      DEBIAN_FRONTEND=noninteractive apt-get install -yq debootstrap >/dev/null
    fi
    if [ ! -e "$folder/etc/debian_version" ]; then
      debootstrap --variant=minbase --include=ca-certificates,libgomp1 trixie "$folder" >/dev/null
    fi
    for path in /proc /dev "$sdk"; do share "$path"; done
    ;;
  run)
    [ $# -ge 2 ] && [ -f "$2" ] || { echo "debian13.sh: name a built .dll to run." >&2; exit 2; }
    [ -e "$folder/etc/debian_version" ] || { echo "debian13.sh: run 'debian13.sh setup' first." >&2; exit 2; }
    program=$(readlink -f "$2")
    shift 2
    for path in /proc /dev "$sdk" "$(dirname "$program")"; do share "$path"; done
    exec chroot "$folder" /usr/bin/env DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 HOME=/root \
      "$sdk/dotnet" "$program" "$@"
    ;;
  remove)
    # Deepest first; the folder is deleted only when nothing of the host is mounted in it any more.
    awk '{ print $2 }' /proc/mounts | grep "^$folder/" | sort -r | while read -r point; do umount "$point"; done
    if grep -q " $folder/" /proc/mounts; then echo "debian13.sh: something is still mounted in $folder." >&2; exit 1; fi
    rm -rf --one-file-system "$folder"
    ;;
  *)
    sed -n '2,8p' "$0"
    exit 2
    ;;
esac
