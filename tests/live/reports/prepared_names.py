# SPDX-License-Identifier: Apache-2.0
"""A prepared name gets another meaning by the text of a statement: what is executed by it is told
with that, or with no text, never with what the name stood for before."""
from weft_harness import case, databases, otlp, pgwire
from weft_harness.report import expect

_NEW = "delete from b where x = $1"
_WAYS = {
    "plain": ["deallocate s", f"prepare s (int) as {_NEW}"],
    "comments": ["/* shop */ deallocate /**/ s", f"-- shop\nprepare s (int) as {_NEW}"],
    "one_text": [f"begin; deallocate s; prepare s (int) as {_NEW}; commit"],
    "quoted": ['DEALLOCATE "s"', f'PREPARE "s" (int) AS {_NEW}'],
    "behind_dollars": [f"select $a$; ' $a$; deallocate all; prepare s (int) as {_NEW}"],
    "discard": ["discard all", f"prepare s (int) as {_NEW}"],
    "do": [f"do $$ begin execute 'deallocate s'; execute 'prepare s (int) as {_NEW}'; end $$"],
    "function": ["select renamed()"],
    "function_in_another_schema": ["select pg_temp.renamed()"],
}
_FUNCTION = (f"create function {{}}renamed() returns void language plpgsql as $$ begin "
             f"execute 'deallocate s'; execute 'prepare s (int) as {_NEW}'; end $$")


def _client(server, steps):
    def work():
        connection = pgwire.Connection(server)
        connection.ask(pgwire.query(_FUNCTION.format("pg_temp.")))
        connection.ask(pgwire.parse("s", "select x from a where x = $1"), pgwire.SYNC)
        run = pgwire.bind("", "s", "7"), pgwire.execute(), pgwire.SYNC
        if connection.tags(*run) != ["SELECT 0"]:
            return 1
        for step in steps:
            connection.ask(pgwire.query(step))
        return 0 if connection.tags(*run) == ["DELETE 0"] else 2
    return work


@case.case
def postgresql_names_get_another_meaning(c):
    server = databases.postgres(c.group)
    server.query("create table a (x int); create table b (x int)")
    server.query(_FUNCTION.format(""))
    with c.agent() as tracer:
        clients = {name: c.client(_client(server, steps)) for name, steps in _WAYS.items()}
        tracer.wait_spans(lambda spans: {s.pid for s in spans} >= set(clients.values()))
    problems = []
    for name, pid in clients.items():
        told = sorted((s for s in tracer.spans() if s.pid == pid and s.kind == otlp.CLIENT),
                      key=lambda s: s.start)
        text = told[-1].attributes.get("db.query.text", "")
        if "select" in (told[-1].name + text).lower():
            problems.append(f"{name}: a DELETE is told as {told[-1].name!r}, {text!r}")
    expect(not problems, "\n".join(problems))
