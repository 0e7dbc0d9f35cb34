#!/bin/busybox sh
# shellcheck shell=dash
# The first and only program of the test's machine: runs what the host has put into /commands, one line each, and prints
# what came out of it between marks, for the host to find on the console.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp

echo "@@@ begin"
while read -r line; do
  sh -c "$line" >/tmp/out 2>/tmp/err </dev/null
  # Encoded, so that no message of the kernel can stand in the middle of it.
  echo "@@@ $? $(base64 -w 0 /tmp/out) $(base64 -w 0 /tmp/err) @@@"
done </commands
echo "@@@ end"
poweroff -f
