// SPDX-License-Identifier: EUPL-1.2
// Makes TUN devices that carry bare IP packets. Gives them no address and does not bring them up.
#include "wire/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool enter(const char *netns)
{
    char path[256];
    const int len = snprintf(path, sizeof path, "/run/netns/%s", netns);
    if (len < 0 || (size_t)len >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool is_in = setns(fd, CLONE_NEWNET) == 0;
    const int reason = errno;
    (void)close(fd);
    errno = reason;
    return is_in;
}

int tun_open(const char *netns, const char *device)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    if (strlen(device) >= sizeof request.ifr_name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(request.ifr_name, device, strlen(device) + 1);
    if (!enter(netns)) {
        return -1;
    }
    const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) != 0) {
        const int reason = errno;
        (void)close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}
