// SPDX-License-Identifier: EUPL-1.2
// LMDB's file (data version 1) read page by page, without LMDB: nothing in it can crash or mislead
// this reader further than to bytes that then fail their check. It knows pages and nodes, not what
// we store in them.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_private.h"

// Offsets within a page, a meta page and a node; integers are the host's.
enum {
    PAGE_NUMBER = 0,
    PAGE_FLAGS = 10,
    PAGE_LOWER = 12,
    PAGE_PAGES = 12, // of an overflow page
    PAGE_HEADER = 16,

    META_MAGIC = 16,
    META_VERSION = 20,
    META_PAGE_LEN = 40,
    META_FREE_ROOT = 80,
    META_MAIN_ROOT = 128,
    META_LAST_PAGE = 136,
    META_TXN = 144,
    META_LEN = 152,

    NODE_LOW = 0,
    NODE_HIGH = 2,
    NODE_FLAGS = 4,
    NODE_KEY_LEN = 6,
    NODE_HEADER = 8,

    FLAG_LEAF = 0x02,
    FLAG_OVERFLOW = 0x04,
    FLAG_META = 0x08,
    FLAG_BIG = 0x01, // a node whose value lies in overflow pages

    PAGE_LEN_MIN = 4096,
    PAGE_LEN_MAX = 65536,
    RUN_PAGES_MAX = 2 * SEALED_MAX / PAGE_LEN_MIN // of one value
};
#define META_MAGIC_VALUE UINT32_C(0xbeefc0de)
#define ROOT_NONE UINT64_MAX

static uint16_t get_16(const uint8_t *bytes)
{
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint32_t get_32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint64_t get_64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static bool is_page_len(uint64_t len)
{
    return len >= PAGE_LEN_MIN && len <= PAGE_LEN_MAX && (len & (len - 1)) == 0;
}

static bool is_meta(const uint8_t *page, uint64_t number)
{
    return get_64(page + PAGE_NUMBER) == number && (get_16(page + PAGE_FLAGS) & FLAG_META) &&
           get_32(page + META_MAGIC) == META_MAGIC_VALUE && get_32(page + META_VERSION) == 1;
}

static bool is_root(uint64_t root, uint64_t last_page)
{
    return root == ROOT_NONE || (root > 1 && root <= last_page);
}

// Reading a page that lies beyond the end of the file crashes LMDB, so a file that was cut short
// must be known before LMDB maps it. Whole ones reach to their last page: we delete nothing, so no
// transaction ends with a page at the end that it took and did not write.
static bool is_meta_sound(const uint8_t *page, uint64_t number, uint64_t file_pages)
{
    uint64_t last = get_64(page + META_LAST_PAGE);
    return is_meta(page, number) && last >= 1 && last < file_pages &&
           is_root(get_64(page + META_FREE_ROOT), last) &&
           is_root(get_64(page + META_MAIN_ROOT), last);
}

// Transactions write the two meta pages in turn, even numbers the first one.
static bool is_history(const uint8_t *even, const uint8_t *odd)
{
    uint64_t even_txn = get_64(even + META_TXN);
    uint64_t odd_txn = get_64(odd + META_TXN);
    if (even_txn == 0 && odd_txn == 0) {
        return true;
    }
    bool is_even_newer = even_txn > odd_txn;
    uint64_t between = is_even_newer ? even_txn - odd_txn : odd_txn - even_txn;
    const uint8_t *newer = is_even_newer ? even : odd;
    const uint8_t *older = is_even_newer ? odd : even;
    return even_txn % 2 == 0 && between == 1 &&
           get_64(newer + META_LAST_PAGE) >= get_64(older + META_LAST_PAGE);
}

static bool read_at(int fd, uint8_t *out, size_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t got = pread(fd, out, len, (off_t)offset);
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            return false;
        }
        size_t step = got > 0 ? (size_t)got : 0;
        out += step;
        len -= step;
        offset += step;
    }
    return true;
}

static enum err open_file(const char *path, int *fd, uint64_t *len)
{
    struct stat file;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0) {
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    if (fstat(*fd, &file) != 0) {
        return ERR_IO;
    }
    *len = (uint64_t)file.st_size;
    return *len == 0 ? ERR_NOT_FOUND : ERR_OK;
}

// Only before LMDB has opened the file: closing any descriptor of it drops LMDB's locks.
enum err pages_check(const char *path)
{
    int fd;
    uint64_t len = 0;
    uint8_t metas[2][META_LEN];
    enum err err = open_file(path, &fd, &len);
    if (err == ERR_OK) {
        bool is_read = read_at(fd, metas[0], META_LEN, 0);
        uint64_t page_len = is_read ? get_32(metas[0] + META_PAGE_LEN) : 0;
        bool is_sound = is_page_len(page_len) && read_at(fd, metas[1], META_LEN, page_len) &&
                        get_32(metas[1] + META_PAGE_LEN) == page_len &&
                        is_meta_sound(metas[0], 0, len / page_len) &&
                        is_meta_sound(metas[1], 1, len / page_len) &&
                        is_history(metas[0], metas[1]);
        err = is_sound ? ERR_OK : ERR_CORRUPT;
    }
    if (fd >= 0) {
        close(fd);
    }
    return err;
}

// From either meta page, or as this machine would have it.
static size_t find_page_len(int fd)
{
    uint8_t meta[META_LEN];
    if (read_at(fd, meta, sizeof meta, 0) && is_meta(meta, 0) &&
        is_page_len(get_32(meta + META_PAGE_LEN))) {
        return get_32(meta + META_PAGE_LEN);
    }
    return (size_t)sysconf(_SC_PAGESIZE);
}

enum err pages_open(struct pages *pages, const char *path)
{
    uint64_t len = 0;
    *pages = (struct pages){.fd = -1};
    enum err err = open_file(path, &pages->fd, &len);
    if (err != ERR_OK) {
        return err;
    }
    pages->page_len = find_page_len(pages->fd);
    pages->count = len / pages->page_len;
    pages->page = store_realloc(NULL, pages->page_len);
    return ERR_OK;
}

void pages_close(struct pages *pages)
{
    if (pages->fd >= 0) {
        close(pages->fd);
    }
    free(pages->page);
    free(pages->overflow);
    *pages = (struct pages){.fd = -1};
}

// LMDB that was misled by a damaged page number writes far behind the end, and leaves terabytes of
// nothing. A file system that knows no holes says that there are none.
uint64_t pages_next(struct pages *pages, uint64_t number)
{
    if (number < pages->data_end || number >= pages->count) {
        return number;
    }
    off_t data = lseek(pages->fd, (off_t)(number * pages->page_len), SEEK_DATA);
    if (data < 0) {
        pages->data_end = pages->count;
        return errno == ENXIO ? pages->count : number;
    }
    off_t hole = lseek(pages->fd, data, SEEK_HOLE);
    pages->data_end = hole < 0 ? pages->count : (uint64_t)hole / pages->page_len;
    return (uint64_t)data / pages->page_len;
}

bool pages_load(struct pages *pages, uint64_t number, uint64_t *skip)
{
    *skip = 1;
    pages->number = number;
    if (!read_at(pages->fd, pages->page, pages->page_len, number * pages->page_len)) {
        return false;
    }
    uint16_t flags = get_16(pages->page + PAGE_FLAGS);
    if (get_64(pages->page + PAGE_NUMBER) != number) {
        return false;
    }
    if (flags & FLAG_OVERFLOW) {
        uint32_t run = get_32(pages->page + PAGE_PAGES);
        *skip = run >= 1 && run <= RUN_PAGES_MAX ? run : 1;
        return false;
    }
    return flags & FLAG_LEAF;
}

size_t pages_nodes(const struct pages *pages)
{
    size_t lower = get_16(pages->page + PAGE_LOWER);
    if (lower < PAGE_HEADER || lower > pages->page_len) {
        return 0;
    }
    return (lower - PAGE_HEADER) / 2;
}

static bool load_overflow(struct pages *pages, uint64_t number, size_t len, struct span *value)
{
    if (len > 2 * (size_t)SEALED_MAX || number >= pages->count) {
        return false;
    }
    if (pages->overflow_capacity < len) {
        pages->overflow = store_realloc(pages->overflow, len);
        pages->overflow_capacity = len;
    }
    *value = (struct span){pages->overflow, len};
    return read_at(pages->fd, pages->overflow, len, number * pages->page_len + PAGE_HEADER);
}

bool pages_node(struct pages *pages, size_t node, struct span *key, struct span *value)
{
    size_t at = get_16(pages->page + PAGE_HEADER + 2 * node);
    if (at < PAGE_HEADER || at + NODE_HEADER > pages->page_len) {
        return false;
    }
    const uint8_t *start = pages->page + at;
    size_t room = pages->page_len - at - NODE_HEADER;
    size_t key_len = get_16(start + NODE_KEY_LEN);
    size_t len = get_16(start + NODE_LOW) | (size_t)get_16(start + NODE_HIGH) << 16;
    bool is_big = get_16(start + NODE_FLAGS) & FLAG_BIG;
    if (key_len > room || (is_big ? sizeof(uint64_t) : len) > room - key_len) {
        return false;
    }
    *key = (struct span){start + NODE_HEADER, key_len};
    *value = (struct span){start + NODE_HEADER + key_len, len};
    return is_big ? load_overflow(pages, get_64(value->bytes), len, value) : true;
}
