# SPDX-License-Identifier: Apache-2.0
"""sendmmsg and recvmmsg on a connected socket, which Python itself does not offer."""
import ctypes

_MSG_WAITFORONE = 0x10000
_libc = ctypes.CDLL(None, use_errno=True)


class _Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class _Msghdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint),
                ("iov", ctypes.POINTER(_Iovec)), ("iovlen", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]


class _Mmsghdr(ctypes.Structure):
    _fields_ = [("head", _Msghdr), ("len", ctypes.c_uint)]


def _call(name, sock, buffers, *rest):
    """One message a buffer; returns the bytes moved of each message that was."""
    messages = (_Mmsghdr * len(buffers))()
    for message, buffer in zip(messages, buffers):
        data = (ctypes.c_char * len(buffer)).from_buffer(buffer)
        message.head.iov = ctypes.pointer(_Iovec(ctypes.addressof(data), len(buffer)))
        message.head.iovlen = 1
    done = getattr(_libc, name)(sock.fileno(), messages, len(buffers), *rest)
    if done < 0:
        raise OSError(ctypes.get_errno(), name)
    return [message.len for message in messages[:done]]


def send(sock, pieces):
    """Sends each piece as a message; returns the bytes sent."""
    return sum(_call("sendmmsg", sock, [bytearray(p) for p in pieces], 0))


def recv(sock, buffers):
    """Waits for one message at least; returns what came. The buffers are filled in turn."""
    lengths = _call("recvmmsg", sock, buffers, _MSG_WAITFORONE, None)
    return b"".join(bytes(b[:n]) for b, n in zip(buffers, lengths))
