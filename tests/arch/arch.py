#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""arch.py [ROOT]: holds the tree to its architecture. Prints "path:line: what" for each
breach and exits 1 when there is one; warnings do not fail."""
import pathlib
import sys

import arrows
import manners
import vocabulary
import words
from tree import Tree

CHECKS = (*arrows.CHECKS, *manners.CHECKS, *words.CHECKS, *vocabulary.CHECKS)


def breaches(tree):
    for check in CHECKS:
        for path, line, message in check(tree):
            yield f"{path}:{line}: {message} [{check.__name__}]"


def warnings(tree):
    for check in manners.WARNINGS:
        for path, line, message in check(tree):
            yield f"{path}:{line}: warning: {message} [{check.__name__}]"


def main(root):
    tree = Tree(root)
    for line in warnings(tree):
        print(line)
    found = list(breaches(tree))
    for line in found:
        print(line)
    print(f"{len(tree.files)} files, {len(found)} breaches")
    return 1 if found or not tree.files else 0


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve()
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else here.parents[2]))
