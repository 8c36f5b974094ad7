#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fetches what the tests in this folder need from PyPI and Maven, once. A test whose part could not
be had tries again, and says why it cannot."""
import fetched
import kafka
import xray_check
from backend import Unavailable

for what, fetch in (("Kafka", lambda: fetched.jars("Kafka", *kafka.JARS)),
                    (kafka.CLIENT, lambda: fetched.python_packages(kafka.CLIENT)),
                    (xray_check.MOTO, lambda: fetched.python_packages(xray_check.MOTO))):
    try:
        fetch()
        print(f"{what}: there", flush=True)
    except Unavailable as reason:
        print(f"{what}: {reason}", flush=True)
