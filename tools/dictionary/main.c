// SPDX-License-Identifier: EUPL-1.2
// Makes proto/trust/dictionary.c [4.9]: dictionary nl.txt fr.txt de.txt en.txt bodies.txt. The same
// phrases and the same zstd (1.5.4) make the same bytes. What was shipped is never made anew: other
// bytes need another compression number.
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <zdict.h>

#include "dictionary/corpus.h"

enum {
    DICTIONARY_MAX = 15 * 1024, // see train()
    HEAD_MAX = 256, // what the dictionary holds beside its content: tables of statistics
    LEVEL = 4,      // whose statistics: compression.c's
    PER_LINE = 19,
};

// Measured on tests/unit/reports.h: 8 KiB saves 3 % less. From 15.4 KiB on zstd takes the
// dictionary for one of long texts, and its levels up to 5 save less again.
static size_t train(struct corpus *corpus, uint8_t *out)
{
    static char content[DICTIONARY_MAX - HEAD_MAX];
    static uint8_t bodies[(size_t)CORPUS_BODIES * CORPUS_BODY_MAX];
    static size_t sizes[CORPUS_BODIES];
    const size_t content_len = corpus_content(corpus, content, sizeof content);
    corpus_bodies(corpus, bodies, sizes);
    const ZDICT_params_t params = {.compressionLevel = LEVEL};
    const size_t len = ZDICT_finalizeDictionary(out, DICTIONARY_MAX, content, content_len, bodies,
                                                sizes, CORPUS_BODIES, params);
    if (ZDICT_isError(len)) {
        errx(EXIT_FAILURE, "zstd: %s", ZDICT_getErrorName(len));
    }
    return len;
}

static void print(const uint8_t *bytes, size_t len)
{
    puts(
        "// SPDX-License-Identifier: EUPL-1.2\n"
        "// The dictionary of bodies with compression 2, as tools/dictionary made it [4.9]. Bodies "
        "are stored\n"
        "// for ever, so nothing here may ever change.\n"
        "#include \"trust/dictionary.h\"\n"
        "\n"
        "// clang-format off\n"
        "const uint8_t dictionary[DICTIONARY_LEN] = {");
    for (size_t i = 0; i < len; i++) {
        printf("%s0x%02x,%s", i % PER_LINE == 0 ? "    " : "", bytes[i],
               i % PER_LINE == PER_LINE - 1 || i == len - 1 ? "\n" : "");
    }
    puts("};\n// clang-format on");
}

int main(int argc, char **argv)
{
    static struct corpus corpus = {.random = 1};
    static uint8_t bytes[DICTIONARY_MAX];
    if (argc != CORPUS_LANGUAGES + 2) {
        errx(EXIT_FAILURE, "usage: dictionary NL FR DE EN BODIES");
    }
    for (int i = 0; i < CORPUS_LANGUAGES; i++) {
        phrases_read(&corpus.languages[i], argv[1 + i]);
    }
    phrases_read(&corpus.bodies, argv[1 + CORPUS_LANGUAGES]);
    print(bytes, train(&corpus, bytes));
    for (int i = 0; i < CORPUS_LANGUAGES; i++) {
        phrases_fini(&corpus.languages[i]);
    }
    phrases_fini(&corpus.bodies);
    if (fflush(stdout) != 0) {
        err(EXIT_FAILURE, "standard output");
    }
    return EXIT_SUCCESS;
}
