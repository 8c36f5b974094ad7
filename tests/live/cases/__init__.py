# SPDX-License-Identifier: Apache-2.0
"""All cases; importing this package registers them."""
from . import (bytes_moved, commands, connections, doctor, files_when_asked,  # noqa: F401
               lifecycle, memcached, streams)  # noqa: F401
