#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the sink counts."""
import http.client
import unittest

import otlp_sink


def field(number, kind, content):
    return bytes([number << 3 | kind]) + content


def message(number, content):
    size = len(content)
    return field(number, 2, bytes([size & 0x7F | 0x80, size >> 7]) + content)


SPAN = message(2, message(1, b"\x12" * 200) + field(7, 1, bytes(8)) + field(15, 5, bytes(4)))
SCOPE = message(2, message(1, b"\x12\x00") + SPAN * 3 + message(3, b"schema"))
REQUEST = message(1, message(1, b"\x12\x00") + SCOPE * 2) * 2


class Count(unittest.TestCase):
    def test_spans_of_all_scopes_and_resources(self):
        self.assertEqual(otlp_sink.count_spans(REQUEST), 12)

    def test_fields_of_every_kind_are_passed_over(self):
        others = (field(9, 0, b"\x92\x12") + field(9, 1, b"\x12" * 8) + field(9, 5, b"\x12" * 4)
                  + message(9, REQUEST))
        self.assertEqual(otlp_sink.count_spans(others + REQUEST + others), 12)

    def test_nothing(self):
        self.assertEqual(otlp_sink.count_spans(b""), 0)


class Receive(unittest.TestCase):
    def post(self, body, **how):
        sink = otlp_sink.Sink()
        conn = http.client.HTTPConnection("127.0.0.1", sink.server_port, timeout=10)
        for _ in range(2):
            conn.request("POST", "/v1/traces", body, **how)
            answer = conn.getresponse()
            self.assertEqual((answer.status, answer.read()), (200, b""))
        conn.close()
        return sink.spans

    def test_bodies_of_known_length(self):
        self.assertEqual(self.post(REQUEST), 24)

    def test_bodies_in_chunks(self):
        pieces = [REQUEST[:100], REQUEST[100:]]
        self.assertEqual(self.post(pieces, encode_chunked=True,
                                   headers={"Transfer-Encoding": "chunked"}), 24)


if __name__ == "__main__":
    unittest.main()
