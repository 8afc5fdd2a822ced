// SPDX-License-Identifier: EUPL-1.2
// The API's Unix socket. A name somebody answers at is left alone.
#include "api/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 64, WHY_MAX = 256 };

static enum err fail(enum err err, const char *what, char why[static WHY_MAX])
{
    char text[96];
    snprintf(why, WHY_MAX, "api.sock: %s: %s", what, strerror_r(errno, text, sizeof text));
    return err;
}

// Removes a socket that nobody answers at. A crash leaves one.
static enum err remove_stale(const struct sockaddr_un *address, char why[static WHY_MAX])
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0) {
        return errno == ENOENT ? ERR_OK : fail(ERR_IO, "cannot look at it", why);
    }
    if (!S_ISSOCK(status.st_mode)) {
        snprintf(why, WHY_MAX, "api.sock: there is a file of that name that is no socket");
        return ERR_STATE;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return fail(ERR_IO, "no socket", why);
    }
    int result = connect(fd, (const struct sockaddr *)address, sizeof *address);
    bool is_stale = result != 0 && errno == ECONNREFUSED;
    close(fd);
    if (!is_stale) {
        snprintf(why, WHY_MAX, "api.sock: another process answers there; is the node running?");
        return ERR_STATE;
    }
    return unlink(address->sun_path) == 0 ? ERR_OK : fail(ERR_IO, "cannot remove the old one", why);
}

enum err listener_open(const char *path, int *fd, char why[static WHY_MAX])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(why, WHY_MAX,
                 "api.sock: the path of the home is too long for a socket: at most %zu bytes with "
                 "/api.sock",
                 sizeof address.sun_path - 1);
        return ERR_LIMIT;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    enum err err = remove_stale(&address, why);
    if (err != ERR_OK) {
        return err;
    }
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0) {
        return fail(ERR_IO, "no socket", why);
    }
    // On Linux the name takes its mode from the socket, so that it is never more open than this.
    if (fchmod(*fd, S_IRUSR | S_IWUSR) != 0) {
        err = fail(ERR_IO, "cannot set its mode", why);
    } else if (bind(*fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        err = fail(ERR_IO, "cannot bind it", why);
    } else if (listen(*fd, BACKLOG) != 0) {
        err = fail(ERR_IO, "cannot listen", why);
    }
    if (err != ERR_OK) {
        close(*fd);
        *fd = -1;
    }
    return err;
}

bool listener_admits(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (info == NULL || getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0) {
        return false;
    }
    return peer.uid == 0 || peer.uid == geteuid();
}
