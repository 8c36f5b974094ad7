# SPDX-License-Identifier: Apache-2.0
"""Arguments every live driver takes."""
import argparse
import os

from . import agent


def parser(description):
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--weft", default=os.environ.get("WEFT", str(agent.default_weft())),
                   help="the agent (default: $WEFT, else build/release/weft)")
    p.add_argument("--hooks", default=os.environ.get("WEFT_HOOKS", ""),
                   help="force this hook type")
    return p


def agent_flags(args):
    """Flags for the agent that the driver was asked to pass on."""
    return ["--hooks", args.hooks] if args.hooks else []
