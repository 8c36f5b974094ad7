# SPDX-License-Identifier: Apache-2.0
"""The benchmark's scenarios and their goals.

A scenario is a function of a procs.Group that starts a server and returns an object with
  pids()         processes whose CPU time is the server's
  targets()      the agent's flags that say what to trace
  prepare()      called before each run, untimed
  load(seconds)  about so long of load: measure.Load
  touch()        one request; not of the scenarios in SPANLESS, where nothing is traced
  paced(seconds, rate)  load at a fixed rate: only where there is a NAME@quarter
and perhaps
  exporter       the agent's, instead of null
  budget         the agent's, instead of none
  sdk            the same server with the OpenTelemetry SDK, and its spans_per_request()
"""
import budgeted
import host
import paced
import sdk
import storage
import web

STORAGE = {f.__name__: f for f in (storage.pg_tpcb, storage.pg_readonly,
                                   storage.redis_set_everysec, storage.redis_get,
                                   storage.sqlite_commit)}
SPANLESS = {f.__name__: f for f in (host.fork_storm, host.idle_1000)}
_TRACED = {**{f.__name__: f for f in (web.go_hello, web.nginx_static)}, **STORAGE}
_SHAPES = {f.__name__: f for f in (web.conns_10, web.conns_10k, web.large_bodies_64k,
                                   web.large_bodies_1m, web.chain_go)}


def _at_a_quarter(start):
    return lambda group: paced.Quarter(start(group))


def _with_budget(start):
    return lambda group: budgeted.Budgeted(start(group))


COMPARED = {f.__name__: f for f in (sdk.fastapi, sdk.flask, sdk.node)}
QUARTERS = {name + paced.SUFFIX: _at_a_quarter(start) for name, start in _TRACED.items()}
BUDGETED = {name + budgeted.SUFFIX: _with_budget(start) for name, start in _TRACED.items()}
TABLE = {**_TRACED, **SPANLESS, **_SHAPES, **COMPARED, **QUARTERS, **BUDGETED}

_OF_ALL = {"agent_rss_mb": "< 25", "kernel_mem_mb": "< 32", "first_span_s": "< 0.5",
           "dropped": "0"}
_OF_WEB = {"server_cpu_ratio": "≤ 1.05", "throughput_kept": "≥ 0.86", "agent_us_per_req": "≤ 2"}
_COMMITS = {"bpf_storage_us_per_tx": "≤ 3"}
_KEPT = (("go_hello", "throughput_kept", 0.92), ("nginx_static", "throughput_kept", 0.94),
         ("redis_get", "tps_kept", 0.94), ("redis_set_everysec", "tps_kept", 0.93),
         ("pg_readonly", "tps_kept", 0.96), ("pg_tpcb", "tps_kept", 0.965),
         ("sqlite_commit", "tps_kept", 0.97))
GOALS = {
    "go_hello": {**_OF_ALL, **_OF_WEB},
    "nginx_static": {**_OF_ALL, **_OF_WEB},
    "pg_tpcb": {**_OF_ALL, **_COMMITS, "tps_kept": "≥ 0.98"},
    "pg_readonly": {**_OF_ALL, "tps_kept": "≥ 0.95"},
    "redis_set_everysec": {**_OF_ALL, "tps_kept": "≥ 0.95"},
    "redis_get": {**_OF_ALL, "tps_kept": "≥ 0.95"},
    "sqlite_commit": {**_OF_ALL, **_COMMITS},
    "fork_storm": {**_OF_ALL, "agent_core": "≤ 0.03", "agent_grown_mb": "0"},
    "idle_1000": {**_OF_ALL, "agent_grown_mb": "0"},
    **{name: _OF_ALL for name in (*_SHAPES, *COMPARED)},
    **{name: {**_OF_ALL, "machine_cpu_ratio": "≤ 1.04" if "pg" in name or "sqlite" in name else "≤ 1.06"}
       for name in QUARTERS},
    **{name + budgeted.SUFFIX: {**_OF_ALL, kept: f"≥ {least}"} for name, kept, least in _KEPT},
}
