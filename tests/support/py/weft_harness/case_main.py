# SPDX-License-Identifier: Apache-2.0
"""The command around cases: SCRIPT [NAME…]; --list prints their names."""
import traceback

from . import agent, case, cli, procs, report


def run(out, name, args):
    try:
        with procs.Group("weft-case") as group:
            case.CASES[name](case.Context(group, args.weft, cli.agent_flags(args)))
        out.passes(name)
    except report.Skip as reason:
        out.skips(name, reason)
    except (report.Failure, agent.AgentError) as error:
        out.fails(name, str(error).splitlines())
    except Exception as error:  # a broken case is a failed case; the next one still runs
        out.fails(name, [repr(error), *traceback.format_exc().splitlines()[-6:]])


def main(description):
    parser = cli.parser(description)
    parser.add_argument("name", nargs="*")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    if args.list:
        print("\n".join(case.CASES))
        return 0
    unknown = set(args.name) - set(case.CASES)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    report.need_root()
    report.need_agent(args.weft)
    out = report.Report()
    for name in args.name or case.CASES:
        run(out, name, args)
    return out.exit_code()
