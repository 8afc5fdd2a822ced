// SPDX-License-Identifier: EUPL-1.2
// The headers of IPv4 (RFC 791) and TCP (RFC 9293), as far as counting needs them. Trusts no length
// in them and checks no sum.
#include "wire/segment.h"

enum {
    IP_HEADER_MIN = 20,
    TCP_HEADER_MIN = 20,
    PROTOCOL_TCP = 6,
    FRAGMENT_BITS = 0x3fff,
    SYN = 2,
    ACK = 16
};

static uint16_t read_16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t read_32(const uint8_t *bytes)
{
    return (uint32_t)read_16(bytes) << 16 | read_16(bytes + 2);
}

bool segment_read(struct segment *segment, const uint8_t *packet, size_t len)
{
    if (len < IP_HEADER_MIN || packet[0] >> 4 != 4) {
        return false;
    }
    const size_t ip_len = (size_t)(packet[0] & 15U) * 4;
    const size_t total_len = read_16(packet + 2);
    // A part of a packet has the bit for more to come, or an offset.
    if (ip_len < IP_HEADER_MIN || total_len > len || total_len < ip_len + TCP_HEADER_MIN ||
        packet[9] != PROTOCOL_TCP || (read_16(packet + 6) & FRAGMENT_BITS) != 0) {
        return false;
    }
    const uint8_t *tcp = packet + ip_len;
    const size_t tcp_len = (size_t)(tcp[12] >> 4) * 4;
    if (tcp_len < TCP_HEADER_MIN || total_len < ip_len + tcp_len) {
        return false;
    }
    const bool is_first = (tcp[13] & SYN) != 0;
    *segment = (struct segment){
        .source = read_32(packet + 12),
        .destination = read_32(packet + 16),
        .source_port = read_16(tcp),
        .destination_port = read_16(tcp + 2),
        .sequence = read_32(tcp + 4) + (is_first ? 1 : 0), // SYN itself has a number
        .payload_len = (uint32_t)(total_len - ip_len - tcp_len),
        .is_first = is_first,
        .is_opening = is_first && (tcp[13] & ACK) == 0,
    };
    return true;
}
