#!/bin/busybox sh
# First process of the machine: makes the host's file system the root, read-only, with memory for what is written, loads netmap
# and runs the tests. What it says goes to the second serial line; the first belongs to the kernel.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
exec > /dev/ttyS1 2>&1
. /settings # ROOT, COMMAND

end() {
  echo "vm: $*"
  poweroff -f
}

for module in $(cat /modules/order); do insmod "/modules/$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host || end "cannot mount the host's files"
mount --bind /host /mnt
for folder in tmp run; do mount -t tmpfs tmpfs "/mnt/$folder"; done
mount -t proc proc /mnt/proc
mount -t sysfs sys /mnt/sys
mount -t devtmpfs dev /mnt/dev
mkdir -p /mnt/dev/shm /mnt/dev/pts
mount -t tmpfs tmpfs /mnt/dev/shm
mount -t devpts devpts /mnt/dev/pts
# The checkout may lie where memory has just been mounted over it.
mkdir -p "/mnt$ROOT" && mount --bind "/host$ROOT" "/mnt$ROOT"
[ -d /files ] && cp -r /files /mnt/tmp/
ip link set lo up
# For external memory.
echo 32 > /proc/sys/vm/nr_hugepages

# With its default, 100 us of interrupt mitigation, the generic adapter loses wake-ups.
insmod /modules/netmap.ko generic_mit=1 || end "the module cannot be loaded"
[ -c /mnt/dev/netmap ] || end "the module made no /dev/netmap"

chroot /mnt /usr/bin/env -i HOME=/tmp LANG=C.UTF-8 TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /bin/sh -c "cd '$ROOT' && $COMMAND"
end "done $?"
