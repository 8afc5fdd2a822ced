// SPDX-License-Identifier: EUPL-1.2
// Fuzzes the CAP importer: whatever comes, there are essentials that can be written, or a reason.
// needs: tools/sitrep/cap/cap.c tools/sitrep/cap/rules.c tools/sitrep/when.c
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "sitrep/cap/cap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cap_problem problem;
    json_t *cap = cap_read(data, size, &problem);
    if (cap == NULL) {
        assert(problem.why[0] != '\0');
        return 0;
    }
    assert(problem.why[0] == '\0');
    assert(json_string_value(json_object_get(cap, "identifier")) != NULL);
    const json_t *info = json_object_get(cap, "info");
    assert(info == NULL || json_array_size(info) > 0);
    assert(strlen(cap_precedence(cap)) > 0);
    char *text = json_dumps(cap, 0);
    assert(text != NULL);
    free(text);
    json_decref(cap);
    return 0;
}
