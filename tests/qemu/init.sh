#!/bin/busybox sh
# The first and only program of the test's machine: runs what the host has put into /commands, one line each, and prints
# what came out of it between marks, for the host to find on the console.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t cgroup2 cgroup /sys/fs/cgroup
echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control
mkdir /sys/fs/cgroup/half
echo 0-3 >/sys/fs/cgroup/half/cpuset.cpus

number=0
while read -r line; do
  sh -c "$line" >/tmp/out 2>/tmp/err </dev/null
  status=$?
  # Encoded, so that no message of the kernel can stand in the middle of it.
  echo "@@@ $number $status $(base64 -w 0 /tmp/out) $(base64 -w 0 /tmp/err) @@@"
  number=$((number + 1))
done </commands
echo "@@@ end"
poweroff -f
