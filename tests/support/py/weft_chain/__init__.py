# SPDX-License-Identifier: Apache-2.0
"""A small chain of standard-library HTTP programs, caller → A → B, and what its spans must be.

services.py  the programs          run.py  starts them from a test
check.py     the judgement, pure   check_test.py  the check's own test
"""
