# SPDX-License-Identifier: Apache-2.0
"""All cases; importing this package registers them."""
from . import engines, pgbench, redis_aof, right_parent, slow  # noqa: F401
