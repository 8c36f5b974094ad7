#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kafka_check.py PROBE: the otlp_kafka exporter against a real broker, read back by the
OpenTelemetry Collector's kafka receiver and by a consumer. Prints a line per way; exits 1 when
one is wrong, 77 when there is no backend."""
import http.server
import subprocess
import sys
import threading

from backend import Backend, Collector, fetch, free_ports, plain, result
from kafka import Kafka

BATCHES = 20
TOPIC = "otlp_spans"
RIGHT = "properties=security.protocol=SASL_PLAINTEXT;sasl.mechanism=PLAIN"


class KafkaCollector(Backend):
    """The Collector behind a topic: a file of OTLP JSON lines out."""
    name = "otelcol"
    config = "kafka.yaml"
    ports = ("HTTP_PORT",)

    def __init__(self, broker):
        super().__init__()
        self.out = self.folder / "traces.jsonl"
        self.environment |= {"OUT": str(self.out), "BROKER": broker}

    def ready(self):
        super().ready()
        return fetch(self.http_url, b"{}", {"Content-Type": "application/json"}) is not None

    spans = Collector.spans


def expect(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, expected {wanted!r}")


def send(probe, batches, *settings):
    return subprocess.run([probe, "otlp_kafka", str(batches), *settings], capture_output=True, text=True,
                          timeout=120, check=False)


def sent(probe, batches, *settings):
    result = send(probe, batches, *settings)
    expect(f"exit code ({result.stderr.strip()})", result.returncode, 0)
    return result.stdout.split()


def check_collector(kafka, probe):
    kafka.create(TOPIC)
    with KafkaCollector(kafka.address) as collector:
        ways = {f"compression {c}": (f"brokers={kafka.address}", f"compression={c}")
                for c in ("none", "gzip", "snappy", "lz4", "zstd")}
        ways["SASL"] = (f"brokers={kafka.sasl_address}", RIGHT, "sasl.username=weft", "sasl.password=right")
        ways["two brokers, one dead"] = (f"brokers=127.0.0.1:1,{kafka.address}",)
        for name, settings in ways.items():
            for trace_id in sent(probe, BATCHES, *settings):
                found = {entry[1]["service.name"]: entry[0] for entry in collector.spans(trace_id, 2)}
                expect("services", sorted(found), ["shop", "stock"])
                expect("server's parent", found["stock"]["parentSpanId"], found["shop"]["spanId"])
                expect("url", plain(found["shop"]["attributes"])["url.full"], 'http://stock/żółć?q="1"')
            print(f"PASS {name}: {BATCHES} batches read back by the collector's receiver")


def check_partitions(kafka, probe):
    """Two spans of a trace in two messages: both are in the partition that its id chooses."""
    kafka.create("two", partitions=2)
    traces = sent(probe, BATCHES, f"brokers={kafka.address}", "topic=two", "max_message_bytes=600")
    partitions = {}
    messages = kafka.read("two", 2 * BATCHES)
    expect("messages", len(messages), 2 * BATCHES)
    for partition, key, payload in messages:
        partitions.setdefault(key, []).append(partition)
        expect("the trace of the key is in the payload", bytes.fromhex(key) in payload, True)
    expect("keys", sorted(partitions), sorted(traces))
    expect("messages of a trace", {len(found) for found in partitions.values()}, {2})
    expect("partitions of a trace", {len(set(found)) for found in partitions.values()}, {1})
    expect("partitions", {found[0] for found in partitions.values()}, {0, 1})
    print(f"PASS two partitions: both spans of each of {BATCHES} traces are in one")


def check_complaints(kafka, probe):
    """What is wrong is said in one line."""
    kafka.create("small", max_message_bytes=100)
    plain_address = f"brokers={kafka.address}"
    wrong = [f"brokers={kafka.sasl_address}", RIGHT, "sasl.username=weft", "sasl.password=wrong"]
    with http.server.HTTPServer(("127.0.0.1", 0), Hasty) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cases = [
            ("wrong port", [f"brokers=127.0.0.1:{free_ports(1)[0]}"], "Connection refused"),
            ("no such host", ["brokers=no-such-host.invalid:9092"], "Failed to resolve"),
            ("unknown topic", [plain_address, "topic=absent"], "topic absent: Broker: Unknown topic"),
            ("wrong password", wrong, "uthentication failed"),
            ("SASL where none is", [plain_address, *wrong[1:]], "SASL"),
            ("no SASL where some is", [f"brokers={kafka.sasl_address}"], "security.protocol"),
            ("an HTTP port", [f"brokers=127.0.0.1:{server.server_port}"], "speaks HTTP, not Kafka"),
            ("message too large", [plain_address, "topic=small"], "Message size too large"),
        ]
        for name, settings, words in cases:
            result = send(probe, 1, *settings)
            lines = result.stderr.strip().splitlines()
            expect(f"{name}: exit code", result.returncode, 1)
            expect(f"{name}: lines ({lines})", len(lines), 1)
            expect(f"{name}: {words!r} in {lines[0]!r}", words in lines[0], True)
            print(f"PASS {name}: {lines[0]}")
        server.shutdown()


class Hasty(http.server.BaseHTTPRequestHandler):
    """Answers before it has understood, as servers do to what is no HTTP."""

    def handle(self):
        self.request.recv(1)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def main(probe):
    with Kafka() as kafka:
        check_collector(kafka, probe)
        check_partitions(kafka, probe)
        check_complaints(kafka, probe)


if __name__ == "__main__":
    sys.exit(result(main, sys.argv[1]))
