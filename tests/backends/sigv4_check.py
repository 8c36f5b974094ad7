#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sigv4_check.py PROBE: whether what otlp_http signs for AWS would be accepted. A server here
computes each request's signature by AWS's published algorithm (Signature Version 4), which is
first tried on AWS's own test vectors. Prints a line per way; exits 1 when one is wrong.

The bytes on the wire are what is checked: every signed header as it arrived, the body as it
was sent."""
import hashlib
import hmac
import http.server
import subprocess
import sys
import threading
import urllib.parse

# The secret of AWS's test suite.
KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
SCOPE = "20150830/us-east-1/service/aws4_request"
DATE = ("x-amz-date", "20150830T123600Z")
HOST = ("host", "example.amazonaws.com")
FORM = ("content-type", "application/x-www-form-urlencoded")
VECTORS = (  # aws-sig-v4-test-suite: name, method, headers, body, signature
    ("get-vanilla", "GET", [HOST, DATE], b"",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("post-vanilla", "POST", [HOST, DATE], b"",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ("post-x-www-form-urlencoded", "POST", [FORM, HOST, DATE], b"Param1=value1",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
)


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(secret, method, path, headers, body, scope):
    """Of a request whose headers are (lower-case name, value), sorted; without a query."""
    names = ";".join(name for name, _ in headers)
    lines = "".join(f"{name}:{' '.join(value.split())}\n" for name, value in headers)
    canonical = "\n".join([method, urllib.parse.quote(path), "", lines, names, hashlib.sha256(body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", dict(headers)["x-amz-date"], scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + secret.encode()
    for part in scope.split("/"):
        key = digest(key, part)
    return digest(key, text).hex()


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Accepts what is signed rightly, as the service would; keeps what it found."""
    protocol_version = "HTTP/1.1"
    seen = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        scheme, _, rest = self.headers["authorization"].partition(" ")
        fields = dict(field.strip().split("=", 1) for field in rest.split(","))
        key_id, _, scope = fields["Credential"].partition("/")
        names = fields["SignedHeaders"].split(";")
        headers = [(name, self.headers.get(name, "")) for name in names]
        right = signature(SECRET, "POST", self.path, headers, body, scope)
        ok = (scheme, key_id, fields["Signature"]) == ("AWS4-HMAC-SHA256", KEY_ID, right)
        ok = ok and all(name in self.headers for name in names)
        self.seen.append((ok, scope, names, len(body)))
        self.send_response(200 if ok else 403)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def expect(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, expected {wanted!r}")


def check_algorithm():
    for name, method, headers, body, wanted in VECTORS:
        expect(name, signature(SECRET, method, "/", headers, body, SCOPE), wanted)
        print(f"PASS the check itself gives AWS's signature of {name}")


def send(probe, port, secret, *settings):
    Endpoint.seen.clear()
    argv = [probe, "otlp_http", "3", f"endpoint=http://127.0.0.1:{port}/v1/traces", "sigv4.region=eu-west-1",
            f"sigv4.access_key_id={KEY_ID}", f"sigv4.secret_access_key={secret}", *settings]
    result = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    return result, list(Endpoint.seen)


def check_requests(probe, port):
    ways = {"protobuf": (), "json": ("encoding=json",), "gzip": ("compression=gzip",),
            "with a session token": ("sigv4.session_token=AQoDYXdzEPT//////////wEXAMPLE=",)}
    for name, settings in ways.items():
        result, seen = send(probe, port, SECRET, *settings)
        expect(f"{name}: signatures", [ok for ok, *_ in seen], [True] * 3)
        expect(f"{name}: exit code ({result.stderr.strip()})", result.returncode, 0)
        for _, scope, names, size in seen:
            expect(f"{name}: scope", scope.split("/")[1:], ["eu-west-1", "xray", "aws4_request"])
            expect(f"{name}: host and date are signed", {"host", "x-amz-date"} <= set(names), True)
            expect(f"{name}: there is a body", size > 100, True)
            expect(f"{name}: the token is signed", "x-amz-security-token" in names, "token" in name)
        print(f"PASS {name}: 3 requests, signed {';'.join(seen[0][2])}")


def main(probe):
    try:
        check_algorithm()
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            check_requests(probe, server.server_port)
            result, seen = send(probe, server.server_port, "another secret")
            expect("another secret", [ok for ok, *_ in seen], [False])
            expect("its message", "HTTP 403" in result.stderr, True)
            print("PASS another secret is refused")
            server.shutdown()
    except AssertionError as error:
        print(f"FAIL {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
