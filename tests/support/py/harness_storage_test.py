# SPDX-License-Identifier: Apache-2.0
"""The checks of engines' spans: they must see what is wrong. Spans here are made up."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from weft_harness import orders, otlp, parents, wal  # noqa: E402

CLIENT, BACKEND, OTHER = 10, 20, 30


def span(name, span_id, parent="", pid=BACKEND, at=(0, 0), kind=otlp.INTERNAL, links=(), **more):
    attributes = {key.replace("__", "."): value for key, value in more.items()}
    return otlp.Span(trace_id="t", span_id=span_id, parent_id=parent, name=name, kind=kind,
                     start=at[0], end=at[1], status=otlp.UNSET, attributes=attributes,
                     resource={"process.pid": pid}, links=list(links))


def flush(span_id, parent="", at=(20, 30), **more):
    more.setdefault("wal__flush__role", "leader")
    return span("wal.flush", span_id, parent, at=at, wal__flush__cause="commit", **more)


def statement(span_id, text, at=(10, 40), pid=BACKEND, kind=otlp.SERVER, parent=""):
    return span("INSERT", span_id, parent, pid=pid, at=at, kind=kind, db__query__text=text,
                db__system__name="postgresql")


def stretch(*commits, at=(5, 45)):
    return parents.Stretch(BACKEND, *at, commits)


INSERT_1 = "INSERT INTO tagged SELECT ? AS tag1"
INSERT_2 = "INSERT INTO tagged SELECT ? AS tag2"


class Parents(unittest.TestCase):
    def test_right(self):
        tally = parents.check([statement("s", INSERT_1), flush("f", "s")], [stretch(("tag1",))])
        self.assertEqual((tally.right, tally.orphan, tally.missing, tally.wrong), (1, 0, 0, []))

    def test_statement_of_another_transaction_is_wrong(self):
        tally = parents.check([statement("s", INSERT_2), flush("f", "s")], [stretch(("tag1",))])
        self.assertEqual((tally.right, len(tally.wrong)), (0, 1))

    def test_a_name_that_begins_alike_is_another(self):
        tally = parents.check([statement("s", INSERT_1 + "1"), flush("f", "s")],
                              [stretch(("tag1",))])
        self.assertEqual(len(tally.wrong), 1)

    def test_same_text_of_another_time_is_wrong(self):
        spans = [statement("s", "COMMIT", at=(1, 4)), flush("f", "s")]
        self.assertEqual(len(parents.check(spans, [stretch(("commit",))]).wrong), 1)

    def test_same_text_of_another_connection_is_wrong(self):
        spans = [statement("s", "COMMIT", pid=OTHER), flush("f", "s")]
        self.assertEqual(len(parents.check(spans, [stretch(("commit",))]).wrong), 1)

    def test_parent_that_is_no_span_is_wrong(self):
        self.assertEqual(len(parents.check([flush("f", "x")], [stretch(("commit",))]).wrong), 1)

    def test_client_span_is_wrong(self):
        spans = [statement("s", INSERT_1, kind=otlp.CLIENT), flush("f", "s")]
        self.assertEqual(len(parents.check(spans, [stretch(("tag1",))]).wrong), 1)

    def test_none_is_an_orphan(self):
        tally = parents.check([flush("f")], [stretch(("tag1",))])
        self.assertEqual((tally.right, tally.orphan, tally.wrong), (0, 1, []))

    def test_none_at_all_is_missing(self):
        self.assertEqual(parents.check([], [stretch(("tag1",))]).missing, 1)

    def test_pipeline_in_order(self):
        spans = [statement("1", INSERT_1, at=(10, 20)), statement("2", INSERT_2, at=(21, 40)),
                 flush("f", "1", at=(12, 18)), flush("g", "2", at=(25, 30))]
        self.assertEqual(parents.check(spans, [stretch(("tag1",), ("tag2",))]).right, 2)

    def test_pipeline_swapped_is_wrong(self):
        spans = [statement("1", INSERT_1, at=(10, 20)), statement("2", INSERT_2, at=(21, 40)),
                 flush("f", "2", at=(12, 18)), flush("g", "1", at=(25, 30))]
        tally = parents.check(spans, [stretch(("tag1",), ("tag2",))])
        self.assertEqual(len(tally.wrong), 1)

    def test_statements_pair_by_text(self):
        server = statement("s", INSERT_1, parent="c")
        right = statement("c", INSERT_1, pid=CLIENT, kind=otlp.CLIENT)
        wrong = statement("c", INSERT_2, pid=CLIENT, kind=otlp.CLIENT)
        self.assertEqual(parents.check_statements([server, right], CLIENT), [])
        self.assertEqual(len(parents.check_statements([server, wrong], CLIENT)), 1)


def http(span_id, kind, pid, parent="", at=(0, 100)):
    return span("POST", span_id, parent, pid=pid, at=at, kind=kind, url__path="/orders/7")


def sql(span_id, text, kind, parent, at):
    pid = BACKEND if kind == otlp.SERVER else CLIENT
    return statement(span_id, text, at=at, pid=pid, kind=kind, parent=parent)


class Orders(unittest.TestCase):
    """An order that commits in a statement of its own."""

    def setUp(self):
        text = "insert into orders select ? as order7"
        self.spans = [
            http("0", otlp.CLIENT, OTHER), http("1", otlp.SERVER, CLIENT, "0"),
            sql("2", text, otlp.CLIENT, "1", (10, 20)), sql("3", text, otlp.SERVER, "2", (11, 19)),
            sql("4", "COMMIT", otlp.CLIENT, "1", (30, 40)),
            sql("5", "COMMIT", otlp.SERVER, "4", (31, 39)),
            flush("6", "5", at=(32, 38)), span("wal.sync", "7", "6", at=(33, 37))]

    def checked(self):
        actors = orders.Actors({OTHER}, {CLIENT}, lambda s: s.pid == BACKEND)
        tally = orders.Orders(self.spans, actors).check([7])
        return tally.right, tally.wrong, tally.orphan, len(tally.problems)

    def hang(self, span_id, parent):
        self.spans[int(span_id)].parent_id = parent
        return self.checked()

    def test_right(self):
        self.assertEqual(self.checked(), (1, 0, 0, 0))

    def test_commits_by_itself(self):
        del self.spans[4:6]
        self.spans[4].parent_id = "3"
        self.assertEqual(self.checked(), (1, 0, 0, 0))

    def test_flush_under_another_statement_is_wrong(self):
        self.spans.append(sql("8", "SELECT ?", otlp.SERVER, "2", (31, 39)))
        self.assertEqual(self.hang("6", "8")[1], 1)

    def test_commit_of_another_request_is_wrong(self):
        self.spans.append(http("8", otlp.CLIENT, CLIENT))
        self.assertEqual(self.hang("4", "8")[1], 1)

    def test_statement_of_another_request_is_wrong(self):
        self.assertEqual(self.hang("2", "0")[1], 1)

    def test_commit_on_another_connection_is_wrong(self):
        self.spans[5].resource = {"process.pid": 99}
        self.assertEqual(self.checked()[1], 1)

    def test_one_without_a_parent_is_an_orphan(self):
        for span_id in "246":
            with self.subTest(span_id):
                self.setUp()
                self.assertEqual(self.hang(span_id, ""), (0, 0, 1, 0))

    def test_sync_missing(self):
        self.spans.pop()
        self.assertEqual(self.checked()[3], 1)

    def test_needless_flush(self):
        """The next one belongs to the next order."""
        text = "insert into orders select ? as order8"
        for later in [flush("a", "9", at=(62, 68)), sql("9", text, otlp.SERVER, "", (60, 70))]:
            self.spans.append(later)
        del self.spans[6:8]
        actors = orders.Actors({OTHER}, {CLIENT}, lambda s: s.pid == BACKEND)
        found = orders.Orders(self.spans, actors)
        self.assertEqual((found.check([7]).right, found.needless), (1, 1))

    def test_preparing_is_not_executing(self):
        self.spans.append(sql("8", "insert into orders select ? as order7", otlp.SERVER, "2",
                              (8, 9)))
        self.spans[-1].attributes["db.operation.name"] = "PREPARE"
        self.assertEqual(self.checked(), (1, 0, 0, 0))


def leader():
    return [flush("f", at=(10, 30)), span("wal.sync", "y", "f", at=(15, 25))]


def follower(link="y", at=(12, 35)):
    return [flush("g", at=at, wal__flush__role="follower"),
            span("wal.wait", "w", "g", at=at,
                 links=[{"spanId": link, "traceId": "t"}] if link else [])]


class Wal(unittest.TestCase):
    def test_shape(self):
        self.assertEqual(wal.shape(leader() + follower()), [])

    def test_leader_without_sync(self):
        self.assertTrue(wal.shape([flush("f")]))

    def test_follower_without_wait(self):
        self.assertTrue(wal.shape([flush("f", wal__flush__role="follower")]))

    def test_sync_of_nobody(self):
        self.assertTrue(wal.shape([span("wal.sync", "y")]))

    def test_sync_outside_its_flush(self):
        self.assertTrue(wal.shape([flush("f", at=(10, 20)),
                                   span("wal.sync", "y", "f", at=(15, 25))]))

    def test_links(self):
        self.assertEqual(wal.links(leader() + follower()), [])

    def test_link_to_what_is_no_sync(self):
        self.assertTrue(wal.links(leader() + follower(link="f")))

    def test_link_to_another_trace(self):
        spans = leader() + follower()
        spans[-1].links[0]["traceId"] = "u"
        self.assertTrue(wal.links(spans))

    def test_follower_without_link(self):
        self.assertTrue(wal.links(leader() + follower(link="")))

    def test_link_to_a_flush_that_was_over(self):
        self.assertTrue(wal.links(leader() + follower(at=(31, 35))))

    def test_link_to_a_sync_that_ended_later(self):
        self.assertTrue(wal.links(leader() + follower(at=(12, 20))))

    def test_link_to_itself(self):
        spans = leader() + [span("wal.wait", "w", "f", at=(12, 26),
                                 links=[{"spanId": "y", "traceId": "t"}])]
        self.assertTrue(wal.links(spans))

    def test_follower_linked_itself(self):
        spans = leader() + follower()[:1]
        spans[-1].links.append({"spanId": "y", "traceId": "t"})
        self.assertEqual(wal.shape(spans) + wal.links(spans), [])

    def test_durable_without_sync(self):
        self.assertTrue(wal.shape([flush("f", wal__flush__role=None, wal__durable=True)]))
        self.assertEqual(wal.shape([flush("f", wal__flush__role=None, wal__durable=False)]), [])

    def test_close(self):
        self.assertEqual(wal.close("ms", 95.1, 100), [])
        self.assertTrue(wal.close("ms", 94.9, 100))


if __name__ == "__main__":
    unittest.main()
