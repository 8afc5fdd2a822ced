// SPDX-License-Identifier: EUPL-1.2
// A TUN device in a network namespace.
#ifndef TESTS_WIRE_TUN_H
#define TESTS_WIRE_TUN_H

// Enters the namespace of that name (as `ip netns add` makes them), stays there, and makes the
// device. Returns its descriptor, which does not block and whose end is the device's end, or -1
// with the reason in errno.
int tun_open(const char *netns, const char *device);

#endif
