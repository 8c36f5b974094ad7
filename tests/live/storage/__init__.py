# SPDX-License-Identifier: Apache-2.0
"""All cases; importing this package registers them."""
from . import (end_to_end, engines, in_process, pgbench, redis_aof,  # noqa: F401
               right_parent, slow)
