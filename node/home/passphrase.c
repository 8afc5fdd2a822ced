// SPDX-License-Identifier: EUPL-1.2
// Where a passphrase comes from: a file named in the environment, the service manager, or a person
// at the terminal. It is never printed and never an argument.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "home/home.h"
#include "home/why.h"

enum {
    PASSPHRASE_MAX = 1024, // bytes, with the NUL
    PASSPHRASE_MIN = 8     // bytes of a new one
};

static char *passphrase_alloc(void)
{
    char *passphrase = sodium_malloc(PASSPHRASE_MAX);
    if (passphrase == NULL) {
        abort();
    }
    sodium_memzero(passphrase, PASSPHRASE_MAX);
    return passphrase;
}

void passphrase_destroy(char **passphrase)
{
    sodium_free(*passphrase);
    *passphrase = NULL;
}

static bool is_open_to_others(int fd)
{
    struct stat status;
    return fstat(fd, &status) != 0 ||
           (S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0);
}

// The first line of a file. Not home_read: it may be a pipe, and lie anywhere.
static enum err read_line(struct home *home, int fd, const char *path, char *passphrase)
{
    size_t len = 0;
    while (len < PASSPHRASE_MAX - 1 && memchr(passphrase, '\n', len) == NULL) {
        const ssize_t got = read(fd, passphrase + len, PASSPHRASE_MAX - 1 - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return home_fail(home, ERR_IO, "%s: %s", path, strerror(errno));
        }
        if (got == 0) {
            break;
        }
        len += (size_t)got;
    }
    if (len == PASSPHRASE_MAX - 1 && memchr(passphrase, '\n', len) == NULL) {
        return home_fail(home, ERR_LIMIT, "the passphrase in %s is longer than %d bytes", path,
                         PASSPHRASE_MAX - 2);
    }
    const size_t line_len = strcspn(passphrase, "\r\n");
    sodium_memzero(passphrase + line_len, PASSPHRASE_MAX - line_len);
    if (line_len == 0) {
        return home_fail(home, ERR_STATE, "the passphrase in %s is empty", path);
    }
    return ERR_OK;
}

static enum err read_file(struct home *home, const char *path, bool is_private, char *passphrase)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return home_fail(home, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
                         "the passphrase file %s: %s", path, strerror(errno));
    }
    enum err err;
    if (is_private && is_open_to_others(fd)) {
        err = home_fail(home, ERR_DENIED,
                        "the passphrase file %s is open to others: chmod 600 '%s'", path, path);
    } else {
        err = read_line(home, fd, path, passphrase);
    }
    (void)close(fd);
    return err;
}

enum key_press { KEY_TEXT, KEY_ENTER, KEY_ERASE, KEY_ERASE_ALL, KEY_CANCEL };

static enum key_press key_press_of(unsigned char byte)
{
    switch (byte) {
    case '\r':
    case '\n':
        return KEY_ENTER;
    case 0x7f:
    case '\b':
        return KEY_ERASE;
    case 0x15: // ^U
        return KEY_ERASE_ALL;
    case 0x03: // ^C
    case 0x04: // ^D
    case 0x1c: // ^backslash
        return KEY_CANCEL;
    default:
        return KEY_TEXT;
    }
}

// The length left when the last character is taken off; one of several bytes goes as one.
static size_t erase(const char *text, size_t len)
{
    while (len > 0) {
        len--;
        if (((unsigned char)text[len] & 0xc0) != 0x80) {
            break;
        }
    }
    return len;
}

static enum key_press read_key(int tty, char *byte)
{
    ssize_t got;
    do {
        got = read(tty, byte, 1);
    } while (got < 0 && errno == EINTR);
    return got == 1 ? key_press_of((unsigned char)*byte) : KEY_CANCEL;
}

// One line, byte by byte: signals are off, so that nothing can leave the terminal without echo.
static enum err type_line(struct home *home, int tty, char *passphrase)
{
    size_t len = 0;
    for (;;) {
        char byte = 0;
        switch (read_key(tty, &byte)) {
        case KEY_CANCEL:
            return home_fail(home, ERR_STATE, "cancelled");
        case KEY_ENTER:
            passphrase[len] = '\0';
            return ERR_OK;
        case KEY_ERASE:
            len = erase(passphrase, len);
            break;
        case KEY_ERASE_ALL:
            len = 0;
            break;
        case KEY_TEXT:
            passphrase[len] = byte;
            len += len < PASSPHRASE_MAX - 1; // what is too long cannot be right: it is cut
            break;
        }
    }
}

static enum err ask(struct home *home, int tty, const char *prompt, char *passphrase)
{
    struct termios before;
    if (tcgetattr(tty, &before) != 0) {
        return home_fail(home, ERR_STATE, "there is no terminal to ask for the passphrase");
    }
    struct termios quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    if (tcsetattr(tty, TCSAFLUSH, &quiet) != 0) {
        return home_fail(home, ERR_STATE, "the terminal's echo cannot be switched off");
    }
    (void)dprintf(tty, "%s", prompt);
    const enum err err = type_line(home, tty, passphrase);
    (void)tcsetattr(tty, TCSAFLUSH, &before);
    (void)dprintf(tty, "\n");
    return err;
}

static enum err check_new(struct home *home, const char *passphrase)
{
    return strlen(passphrase) >= PASSPHRASE_MIN
               ? ERR_OK
               : home_fail(home, ERR_STATE, "a new passphrase needs at least %d bytes",
                           PASSPHRASE_MIN);
}

// How the two passphrases there are are asked for.
struct asking {
    const char *variable; // of the environment, names a file
    const char *prompt;
    const char *prompt_new;
};
static const struct asking of_node = {"SITREP_PASSPHRASE_FILE", "Passphrase of this node's keys: ",
                                      "New passphrase for this node's keys: "};
static const struct asking of_authority = {
    "SITREP_AUTHORITY_PASSPHRASE_FILE",
    "Passphrase of the authority's key: ", "New passphrase for the authority's key: "};

static enum err ask_new(struct home *home, int tty, const char *prompt, char *passphrase)
{
    char *again = passphrase_alloc();
    enum err err = ask(home, tty, prompt, passphrase);
    if (err == ERR_OK) {
        err = check_new(home, passphrase);
    }
    if (err == ERR_OK) {
        err = ask(home, tty, "The same once more: ", again);
    }
    if (err == ERR_OK && strcmp(passphrase, again) != 0) {
        err = home_fail(home, ERR_STATE, "the two passphrases differ");
    }
    passphrase_destroy(&again);
    return err;
}

static enum err ask_terminal(struct home *home, const struct asking *asking, bool is_new,
                             char *passphrase)
{
    const int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0) {
        return home_fail(home, ERR_STATE,
                         "the keys need a passphrase and there is no terminal to ask: name a file "
                         "that holds it in SITREP_PASSPHRASE_FILE");
    }
    const enum err err = is_new ? ask_new(home, tty, asking->prompt_new, passphrase)
                                : ask(home, tty, asking->prompt, passphrase);
    (void)close(tty);
    return err;
}

// The file a person named in the environment, or NULL.
static const char *named_file(const char *variable)
{
    const char *file = getenv(variable);
    return file != NULL && *file != '\0' ? file : NULL;
}

// Where the service manager puts the passphrase; false when there is none to do so.
static bool credential_path(char path[static 4096])
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    if (credentials == NULL || *credentials == '\0') {
        return false;
    }
    const int len = snprintf(path, 4096, "%s/passphrase", credentials);
    return len > 0 && len < 4096;
}

bool passphrase_is_credential(void)
{
    char path[4096];
    return named_file(of_node.variable) == NULL && credential_path(path) && access(path, F_OK) == 0;
}

static enum err find_passphrase(struct home *home, const struct asking *asking, bool is_new,
                                char **passphrase)
{
    char *asked = passphrase_alloc();
    char path[4096];
    const char *file = named_file(asking->variable);
    if (file == NULL) {
        file = named_file(of_node.variable);
    }
    enum err err = ERR_NOT_FOUND;
    if (file != NULL) {
        err = read_file(home, file, true, asked);
        err = err == ERR_NOT_FOUND ? ERR_IO : err; // named, so it must be there
    } else if (credential_path(path)) {
        err = read_file(home, path, false, asked);
    }
    if (err == ERR_NOT_FOUND) {
        err = ask_terminal(home, asking, is_new, asked);
    } else if (err == ERR_OK && is_new) {
        err = check_new(home, asked);
    }
    if (err != ERR_OK) {
        passphrase_destroy(&asked);
        return err;
    }
    *passphrase = asked;
    return ERR_OK;
}

enum err home_ask_passphrase(struct home *home, bool is_new, char **passphrase)
{
    return find_passphrase(home, &of_node, is_new, passphrase);
}

enum err home_ask_authority_passphrase(struct home *home, bool is_new, char **passphrase)
{
    return find_passphrase(home, &of_authority, is_new, passphrase);
}
