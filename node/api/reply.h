// SPDX-License-Identifier: EUPL-1.2
// What goes back to a client: JSON, bytes, an error, or a stream made line by line.
#ifndef NODE_API_REPLY_H
#define NODE_API_REPLY_H

#include <stddef.h>

#include <microhttpd.h>

#include "json/text.h"
#include "sitrep/err.h"

enum stream_state { STREAM_GOES_ON, STREAM_ENDED };

// A reply that is made while it is sent.
struct stream {
    // Appends some lines to `out`, or ends. May block; returns in about a second at most, also
    // with nothing.
    enum stream_state (*fill)(struct stream *stream, struct text *out);
    void (*destroy)(struct stream *stream);
    int fd;        // of the connection; set by reply_send
    bool is_quiet; // may have nothing to say for longer than a connection may be idle
};

struct reply {
    unsigned status;
    const char *type;  // content type
    const char *allow; // methods, with 405
    struct text text;
    struct stream *stream; // instead of text; owned
    size_t line;           // of newline-delimited JSON that is refused, or 0
};

void reply_fini(struct reply *reply);

// Begins a JSON reply; the caller writes one value.
struct text *reply_json(struct reply *reply, unsigned status);

void reply_bytes(struct reply *reply, const char *type, struct span bytes);

// Takes `stream` over; its lines are newline-delimited JSON.
void reply_stream(struct reply *reply, struct stream *stream);

// {"error": {"code", "message", "line"?}}. The message is a sentence for a person.
__attribute__((format(printf, 4, 5))) void reply_error(struct reply *reply, unsigned status,
                                                       const char *code, const char *format, ...);

// The same as a line of a stream that goes no further.
void reply_line_failed(struct text *out, enum err err);

// For an error of the store or the desk without a better message.
void reply_failed(struct reply *reply, enum err err, const char *what);

// Hands the reply to the connection.
enum MHD_Result reply_send(struct reply *reply, struct MHD_Connection *connection);

#endif
