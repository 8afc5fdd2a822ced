// SPDX-License-Identifier: EUPL-1.2
// Compresses bodies before they are sealed, mostly with the protocol's dictionary, and back again
// within bounds [4.5, 4.6, 4.9]. It knows nothing of keys.
#include "trust/compression.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <zstd.h>

#include "trust/dictionary.h"

enum {
    LEVEL = 3,
    DICTIONARY_LEVEL = 4, // 6 % smaller than 3 for 1 us more; 6 would save 1.6 % for 7 us more
    PACK_MIN = 17,        // bytes of content; what is shorter has nothing to save
    FRAME_MIN = 2 * 1024, // from here on the dictionary can cost more than it saves
    DICTIONARY_CONTENT_MAX = 64 * 1024, // above it what the content itself repeats is nearer
    BLOCK_MAX = 128 * 1024,             // content of one zstd block (RFC 8878)
    BLOCK_HEAD = 3,
    FRAME_HEAD = 6 + BLOCK_HEAD,  // magic number, descriptor, window, block
    WINDOW_OF_A_BLOCK = 0x38,     // 2^17 bytes
    BLOCK_LAST_COMPRESSED = 0x05, // in the lowest three bits of a block's head; above is its length
};

static_assert(FRAME_HEAD == PLAIN_FRONT + 1, "the head lies over the compression byte");
static_assert(DICTIONARY_CONTENT_MAX <= BLOCK_MAX, "one block");

enum compression { COMPRESSION_NONE = 0, COMPRESSION_ZSTD = 1, COMPRESSION_DICTIONARY = 2 };

static const uint8_t magic[4] = {0x28, 0xb5, 0x2f, 0xfd};

struct compressor {
    ZSTD_CCtx *packer;
    ZSTD_DCtx *unpacker;
    ZSTD_CDict *pack_dictionary;
    ZSTD_DDict *unpack_dictionary;
    uint8_t content[CONTENT_MAX];
    uint8_t frame[PLAIN_MAX];
};

// The frame's head is left out, so it need not say anything.
static bool packer_prepare(struct compressor *compressor)
{
    ZSTD_CCtx *packer = compressor->packer;
    return !ZSTD_isError(ZSTD_CCtx_refCDict(packer, compressor->pack_dictionary)) &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(packer, ZSTD_c_contentSizeFlag, 0)) &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(packer, ZSTD_c_dictIDFlag, 0));
}

struct compressor *compressor_create(void)
{
    struct compressor *compressor = malloc(sizeof *compressor);
    if (!compressor) {
        return NULL;
    }
    compressor->packer = ZSTD_createCCtx();
    compressor->unpacker = ZSTD_createDCtx();
    compressor->pack_dictionary = ZSTD_createCDict(dictionary, DICTIONARY_LEN, DICTIONARY_LEVEL);
    compressor->unpack_dictionary = ZSTD_createDDict(dictionary, DICTIONARY_LEN);
    if (!compressor->packer || !compressor->unpacker || !compressor->pack_dictionary ||
        !compressor->unpack_dictionary || !packer_prepare(compressor)) {
        compressor_destroy(&compressor);
    }
    return compressor;
}

void compressor_destroy(struct compressor **compressor)
{
    assert(compressor);
    if (!*compressor) {
        return;
    }
    ZSTD_freeCCtx((*compressor)->packer);
    ZSTD_freeDCtx((*compressor)->unpacker);
    ZSTD_freeCDict((*compressor)->pack_dictionary);
    ZSTD_freeDDict((*compressor)->unpack_dictionary);
    sodium_memzero(*compressor, sizeof **compressor);
    free(*compressor);
    *compressor = NULL;
}

// -- compression 2 --

// What stands before the only block of a frame that is `len` bytes long.
static void frame_head(uint8_t head[static FRAME_HEAD], size_t len)
{
    const size_t block = len << 3 | BLOCK_LAST_COMPRESSED;
    memcpy(head, magic, sizeof magic);
    head[4] = 0;
    head[5] = WINDOW_OF_A_BLOCK;
    head[6] = (uint8_t)block;
    head[7] = (uint8_t)(block >> 8);
    head[8] = (uint8_t)(block >> 16);
}

// Compresses to behind `plain`, into at most `room` bytes. Returns the length of the block, or 0
// when it does not fit or the library has not made one single compressed block.
static size_t pack_block(struct compressor *compressor, struct span content, uint8_t *plain,
                         size_t room)
{
    uint8_t *const frame = plain - PLAIN_FRONT;
    uint8_t head[FRAME_HEAD];
    const size_t len =
        ZSTD_compress2(compressor->packer, frame, FRAME_HEAD + room, content.bytes, content.len);
    if (ZSTD_isError(len) || len <= FRAME_HEAD) {
        return 0;
    }
    frame_head(head, len - FRAME_HEAD);
    head[5] = frame[5]; // whatever window the library takes is no smaller than the content
    return memcmp(frame, head, FRAME_HEAD) == 0 ? len - FRAME_HEAD : 0;
}

static enum err unpack_block(struct compressor *compressor, uint8_t *plain, size_t len,
                             struct span *content)
{
    uint8_t *const frame = plain - PLAIN_FRONT;
    frame_head(frame, len - 1);
    const size_t content_len =
        ZSTD_decompress_usingDDict(compressor->unpacker, compressor->content, BLOCK_MAX, frame,
                                   PLAIN_FRONT + len, compressor->unpack_dictionary);
    if (ZSTD_isError(content_len) || content_len == 0) {
        return ERR_MALFORMED;
    }
    *content = (struct span){compressor->content, content_len};
    return ERR_OK;
}

// -- compression 1 --

// Compresses to `frame`, into at most `room` bytes. Returns the length, or 0 when it does not fit.
static size_t pack_frame(struct compressor *compressor, struct span content, size_t room)
{
    const size_t len = ZSTD_compressCCtx(compressor->packer, compressor->frame, room, content.bytes,
                                         content.len, LEVEL);
    return ZSTD_isError(len) ? 0 : len;
}

// One zstd frame that states its size, without a dictionary and with nothing after it.
static enum err unpack_frame(struct compressor *compressor, struct span frame, struct span *content)
{
    // The magic number is compared here because the library also takes skippable and old formats.
    if (frame.len < sizeof magic || memcmp(frame.bytes, magic, sizeof magic) != 0) {
        return ERR_MALFORMED;
    }
    unsigned long long stated = ZSTD_getFrameContentSize(frame.bytes, frame.len);
    if (stated == ZSTD_CONTENTSIZE_UNKNOWN || stated == ZSTD_CONTENTSIZE_ERROR) {
        return ERR_MALFORMED;
    }
    if (stated > CONTENT_MAX) {
        return ERR_LIMIT;
    }
    if (ZSTD_getDictID_fromFrame(frame.bytes, frame.len) != 0 ||
        ZSTD_findFrameCompressedSize(frame.bytes, frame.len) != frame.len) {
        return ERR_MALFORMED;
    }
    size_t len = ZSTD_decompressDCtx(compressor->unpacker, compressor->content, CONTENT_MAX,
                                     frame.bytes, frame.len);
    if (ZSTD_isError(len) || len != stated) {
        return ERR_MALFORMED;
    }
    *content = (struct span){compressor->content, len};
    return ERR_OK;
}

// -- either --

size_t compressor_pack(struct compressor *compressor, struct span content, uint8_t *plain)
{
    assert(compressor && plain);
    assert(content.len >= 1);
    const size_t room = (content.len < PLAIN_MAX ? content.len : PLAIN_MAX) - 1; // [4.6]
    size_t len = 0;
    if (content.len >= PACK_MIN && content.len <= DICTIONARY_CONTENT_MAX) {
        len = pack_block(compressor, content, plain, room);
        plain[0] = COMPRESSION_DICTIONARY;
    }
    if (content.len >= FRAME_MIN) {
        const size_t frame_len = pack_frame(compressor, content, len > 0 ? len - 1 : room);
        if (frame_len > 0) {
            len = frame_len;
            plain[0] = COMPRESSION_ZSTD;
            memcpy(plain + 1, compressor->frame, frame_len);
        }
    }
    if (len > 0) {
        return 1 + len;
    }
    if (content.len > PLAIN_MAX - 1) {
        return 0;
    }
    plain[0] = COMPRESSION_NONE;
    memcpy(plain + 1, content.bytes, content.len);
    return 1 + content.len;
}

enum err compressor_unpack(struct compressor *compressor, uint8_t *plain, size_t len,
                           struct span *content)
{
    assert(compressor && plain && content);
    assert(len >= 1 && len <= PLAIN_MAX);
    const struct span rest = {plain + 1, len - 1};
    *content = (struct span){NULL, 0};
    switch (plain[0]) {
    case COMPRESSION_NONE:
        *content = rest;
        return ERR_OK;
    case COMPRESSION_ZSTD:
        return unpack_frame(compressor, rest, content);
    case COMPRESSION_DICTIONARY:
        return unpack_block(compressor, plain, len, content);
    default:
        return ERR_MALFORMED;
    }
}
