# SPDX-License-Identifier: Apache-2.0
"""All cases; importing this package registers them."""
from . import (bytes_moved, commands, connections, doctor, lifecycle, memcached,  # noqa: F401
               streams)  # noqa: F401
