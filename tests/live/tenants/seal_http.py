#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP over libweftseal: seal_http.py LIBRARY serve PORT | LIBRARY ask PORT COUNT."""
import ctypes
import socket
import sys
import threading


def load(path):
    library = ctypes.CDLL(path)
    library.seal_new.restype = ctypes.c_void_p
    for name in ("seal_send", "seal_receive"):
        getattr(library, name).argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        getattr(library, name).restype = ctypes.c_long
    library.seal_free.argtypes = [ctypes.c_void_p]
    return library


class Sealed:
    def __init__(self, library, sock):
        self.library, self.sock = library, sock
        self.seal = library.seal_new(sock.fileno())

    def send(self, text):
        self.library.seal_send(self.seal, text, len(text))

    def receive(self):
        """One head; its message has no body."""
        have = b""
        while not have.endswith(b"\r\n\r\n"):
            buffer = ctypes.create_string_buffer(512)
            n = self.library.seal_receive(self.seal, buffer, len(buffer))
            if n <= 0:
                return b""
            have += buffer.raw[:n]
        return have

    def close(self):
        self.library.seal_free(self.seal)
        self.sock.close()


def answer(library, sock):
    sealed = Sealed(library, sock)
    while sealed.receive():
        sealed.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    sealed.close()


def serve(library, port):
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        threading.Thread(target=answer, args=(library, listener.accept()[0]), daemon=True).start()


def ask(library, port, count):
    """Two connections, each with every other request."""
    ends = [Sealed(library, socket.create_connection(("127.0.0.1", port))) for _ in range(2)]
    for number in range(count):
        end = ends[number % 2]
        end.send(f"GET /sealed/{number} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        if not end.receive().startswith(b"HTTP/1.1 200"):
            sys.exit(1)
    for end in ends:
        end.close()


if __name__ == "__main__":
    lib = load(sys.argv[1])
    serve(lib, int(sys.argv[3])) if sys.argv[2] == "serve" else ask(lib, *map(int, sys.argv[3:5]))
