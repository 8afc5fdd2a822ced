// SPDX-License-Identifier: EUPL-1.2
// A user and a password out of a private file. Whose they are is the caller's business.
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "home/home.h"
#include "home/why.h"

// A file written elsewhere may have ends of line of two bytes.
enum { FILE_MAX = 2 * (LOGIN_TEXT_MAX + 2) };

// Takes the next line off *rest; false when it is empty or too long.
static bool take_line(const char **rest, char line[static LOGIN_TEXT_MAX + 1])
{
    const size_t len = strcspn(*rest, "\r\n");
    const char *end = *rest + len;
    if (len == 0 || len > LOGIN_TEXT_MAX) {
        return false;
    }
    memcpy(line, *rest, len);
    line[len] = '\0';
    end += *end == '\r';
    end += *end == '\n';
    *rest = end;
    return true;
}

enum err home_read_login(struct home *home, const char *path, struct home_login **out)
{
    char whole[4096];
    struct file_bytes file = {NULL, 0};
    enum err err = ERR_OK;
    if (*path != '/') {
        err = home_path(home, path, whole);
    }
    if (err == ERR_OK) {
        err = home_read_path(home, *path != '/' ? whole : path, FILE_MAX, &file);
    }
    if (err != ERR_OK) {
        return err;
    }
    struct home_login *login = sodium_malloc(sizeof *login);
    if (login == NULL) {
        abort();
    }
    const char *rest = (const char *)file.bytes;
    if (!take_line(&rest, login->user) || !take_line(&rest, login->password) || *rest != '\0') {
        err = home_fail(home, ERR_MALFORMED,
                        "%s must have two lines, the user and the password, of 1 to %d bytes each",
                        path, LOGIN_TEXT_MAX);
        home_login_destroy(&login);
    }
    sodium_memzero(file.bytes, file.len);
    free(file.bytes);
    *out = login;
    return err;
}

void home_login_destroy(struct home_login **login)
{
    sodium_free(*login);
    *login = NULL;
}
