# SPDX-License-Identifier: Apache-2.0
"""Kinds of input that were told wrongly once, a module each; importing this package registers
their cases."""
import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
